"""`backup`, `restore`, `move`, `check`, `explain`, `knobs`: keeping an installation well."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from overdeliver.cli.django_ready import migrated, ready
from overdeliver.cli.exits import FAILED
from overdeliver.cli.progress import bar
from overdeliver.vocabulary.errors import InputError, NotFound


def backup(file: Annotated[Path, typer.Argument(help="The .tar.gz to write.")]) -> None:
    """Write database, uploads and secret into one file, while the server runs."""
    ready()
    from overdeliver.server.backup import back_up

    manifest = back_up(file)
    size = sum(one["bytes"] for one in manifest["files"].values())
    typer.echo(f"{file}: {len(manifest['files'])} files, {size / 1e6:.1f} MB before packing")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that backup wrote.")],
    data: Annotated[Path, typer.Option(help="The new data folder.")] = Path("overdeliver-data"),
    erased: Annotated[
        Path | None, typer.Option(help="erased.jsonl of the installation that is replaced.")
    ] = None,
) -> None:
    """Lay a backup into an empty data folder; overdue mail is held for a person.

    One of PostgreSQL goes into the empty database that OVERDELIVER_DATABASE_URL names. Whoever was
    erased after the backup is erased again before the worker starts, if --erased says who.
    """
    from overdeliver.server import backup as keeping
    from overdeliver.server.knobs import read

    knobs = read()
    manifest = keeping.restore(file, data.resolve(), knobs["database_url"], erased)
    typer.echo(f"{data}: as of {manifest['at']}; next: overdeliver serve")
    if erased is None and not knobs["erasures"]:
        typer.echo(
            "who was erased after that is back: if the old data folder is still there, remove this"
            " one and restore again with --erased OLD-FOLDER/erased.jsonl"
        )


def move() -> None:
    """Copy SQLite into the empty PostgreSQL that OVERDELIVER_DATABASE_URL names; stop it first.

    Every row or none: both sides are counted and compared.
    """
    ready()
    migrated()
    from django.conf import settings

    from overdeliver.server import moving

    with bar() as tell:
        moved = moving.move(tell)
    kept = moving.kept_as(settings.DATA / "overdeliver.sqlite3")
    typer.echo(
        f"{len(moved)} tables, {sum(moved.values()):,} rows: the same on both sides; the file is"
        f" kept as {kept}; next: overdeliver serve"
    )


def check(
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Look whether everything is well: database, worker, mail, disk, settings."""
    ready()
    from overdeliver.server.doctor import findings

    found = findings()
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], indent=1))
    else:
        signs = {"well": "ok   ", "note": "note ", "wrong": "WRONG"}
        for one in found:
            remedy = f"  -> {one.remedy}" if one.remedy else ""
            typer.echo(f"{signs[one.state]} {one.what}: {one.said}{remedy}")
    if any(one.state == "wrong" for one in found):
        raise typer.Exit(FAILED)


def explain(
    subject: Annotated[
        str, typer.Argument(help="promise:REF, order:REF, a number of the journal.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Say what happened to something, and why."""
    ready()
    from overdeliver.apps.journal import reads

    if subject.isdecimal():
        subject = reads.event(int(subject)).subject
    entries, decisions = reads.life(subject), reads.decisions(subject)
    if not entries and not decisions:
        raise NotFound(f"{subject}: the journal holds nothing about it")
    if as_json:
        rows = {"events": [asdict(e) for e in entries], "decisions": [asdict(d) for d in decisions]}
        typer.echo(json.dumps(rows, indent=1, default=str))
        return
    for entry in entries:
        typer.echo(
            f"{entry.at:%Y-%m-%d %H:%M:%S} UTC  {entry.id:>6}  {entry.name}  by {entry.actor}"
        )
        if entry.why:
            typer.echo(f"{'':31}{entry.why.verdict}: {'; '.join(entry.why.because)}")
    for why in decisions:
        typer.echo(f"decided by {why.rule} (policy {why.policy}): {why.verdict}")
        for reason in why.because:
            typer.echo(f"  - {reason}")


def quote(
    service: Annotated[str, typer.Argument(help="The service's short name.")],
    feature: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE, as often as needed.")
    ] = None,
    level: Annotated[float | None, typer.Option(help="How often it is to be kept.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say it as JSON.")] = False,
) -> None:
    """Say what to promise in one case; nothing is stored, nothing is promised."""
    ready()
    from overdeliver.apps.quoting.actions import look_at_quote

    pairs = [one.partition("=") for one in feature or ()]
    if unclear := [name for name, sign, _ in pairs if not (name and sign)]:
        raise InputError(f"--feature {unclear[0]!r}: write NAME=VALUE")
    found = look_at_quote(service, {name: value for name, _, value in pairs}, level=level)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1, default=str))
        return
    typer.echo(found.words if found.shown else "no promise: too unsure to show one")
    for reason in found.because:
        typer.echo(f"  - {reason}")


def knobs() -> None:
    """List every setting of the server with its default."""
    from overdeliver.server.knobs import KNOBS

    for knob in KNOBS:
        typer.echo(f"{knob.name}={knob.default}\n    {knob.doc}")
