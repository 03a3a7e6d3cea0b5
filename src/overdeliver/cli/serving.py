"""`demo`, `serve`, `worker`, `migrate`, `createowner`: the application at work."""

import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from overdeliver.cli.asked import known_language
from overdeliver.cli.django_ready import migrated, not_newer, ready
from overdeliver.cli.progress import bar
from overdeliver.cli.simulate import BUSINESSES
from overdeliver.vocabulary.errors import InputError

Port = Annotated[int, typer.Option(min=1, max=65535, help="Where it listens.")]
Host = Annotated[str, typer.Option(help="The address it listens on.")]


def demo(
    business: Annotated[str, typer.Option(help=f"One of {', '.join(BUSINESSES)}.")] = "webshop",
    language: Annotated[str, typer.Option(help="en, pt, ru, ro or kk.")] = "",
    port: Port = 8000,
    orders: Annotated[int, typer.Option(min=50, max=200_000, help="How many past orders.")] = 5000,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
) -> None:
    """Open a believable business in the browser; nothing of it stays."""
    if business not in BUSINESSES:
        raise InputError(f"--business {business!r}: choose one of {', '.join(BUSINESSES)}")
    known_language(language or "en")
    port = _free(port)
    folder = Path(tempfile.mkdtemp(prefix="overdeliver-demo-"))
    try:
        url = f"http://127.0.0.1:{port}"
        ready(data=folder, url=url, demo="yes", database_url="", mail_url="")
        link, key = _made_up(folder, business, language, orders, url)
        _serve("127.0.0.1", port, link, open_browser=not no_browser, also=_try_this(url, key))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _try_this(url: str, key: str) -> str:
    """A quote by hand, ready to be pasted."""
    from django.db import connection

    from overdeliver.apps.business.reads import services

    service = services()[0].slug
    connection.close()
    return (
        f"try a quote:\n  curl -s {url}/api/v1/quotes -H 'Authorization: Bearer {key}'"
        f" \\\n    -H 'Content-Type: application/json' -d '{{\"service\": \"{service}\"}}'"
    )


def _made_up(folder: Path, business: str, language: str, orders: int, url: str) -> tuple[str, str]:
    """Tables, business, past and owner; returns the link that signs in and a key for programs."""
    from django.db import connection

    from overdeliver.apps.people.actions import make_key
    from overdeliver.apps.people.rules import KEY_RIGHTS
    from overdeliver.apps.people.staffing import make_owner
    from overdeliver.server.demo import set_up

    with bar() as tell:
        if tell:
            tell("tables", 0.05)
        migrated()
        said = (
            (lambda done, all_: tell("orders", 0.1 + 0.9 * done / max(all_, 1))) if tell else None
        )
        set_up(business, language or "en", orders, tell=said)
    # Pages speak the language that was asked for; without one, the browser's.
    make_owner("owner@example.org", secrets.token_urlsafe(12), "Demo", language)
    token = secrets.token_urlsafe(24)
    (folder / "demo-token").write_text(token)
    key = make_key("demo", KEY_RIGHTS)
    connection.close()
    return f"{url}/enter/{token}/", key


def serve(port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Run the web pages and the worker, in one command."""
    ready(url=os.environ.get("OVERDELIVER_URL") or _address(host, port))
    from overdeliver.server.running import free

    if not free(host, port):
        raise InputError(f"--port {port}: something listens on {host}:{port} already")
    migrated()
    from django.conf import settings
    from django.db import connection

    from overdeliver.apps.people.links import first_link

    door = first_link()
    connection.close()
    _serve(host, port, f"{settings.PUBLIC_URL}{door or '/'}", first=door is not None)


def _address(host: str, port: int) -> str:
    """The address of the door as it is reached from here: links name it where none was set.

    >>> _address("0.0.0.0", 8020), _address("192.168.1.5", 8000)
    ('http://127.0.0.1:8020', 'http://192.168.1.5:8000')
    """
    return f"http://{host if host != '0.0.0.0' else '127.0.0.1'}:{port}"


def _serve(
    host: str,
    port: int,
    link: str,
    *,
    first: bool = False,
    open_browser: bool = False,
    also: str = "",
) -> None:
    from django.conf import settings

    from overdeliver.server.running import Running, web_command, worker_command

    processes = settings.KNOBS["processes"]
    running = Running(
        web_command(port, host, processes, settings.KNOBS["threads"]), worker_command()
    )
    running.start()
    if _answers(host, port, lambda: running.stopping):
        said = "the first owner is made here (works once)" if first else "open"
        print(f"overdeliver: {said}: {link}", flush=True)
        if also:
            print(f"overdeliver: {also}", flush=True)
        if open_browser and sys.stdout.isatty():
            webbrowser.open(link)
    status = running.wait()
    if status:
        raise typer.Exit(status)


def _answers(host: str, port: int, given_up: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Wait until the door is open, or nobody wants it any more."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not given_up():
        try:
            socket.create_connection((host if host != "0.0.0.0" else "127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def _free(port: int) -> int:
    """The port itself, or the next one that nobody uses."""
    from overdeliver.server.running import free

    for one in range(port, min(port + 50, 65_536)):
        if free("127.0.0.1", one):
            return one
    raise InputError(f"--port {port}: it is taken, and the fifty after it; name another")


def worker(
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, then end.")] = False,
) -> None:
    """Send, deliver, import and learn what is due, until it is stopped."""
    ready()
    from django.db import Error

    from overdeliver.server.worker import work

    with suppress(Error):  # away for now: the worker waits for it
        not_newer()

    work(once=once)


def migrate() -> None:
    """Bring the tables of the database up to date."""
    ready()
    migrated()
    typer.echo("the tables are up to date")


def createowner(
    email: Annotated[str, typer.Argument(help="The address to sign in with.")],
    name: Annotated[str, typer.Option(help="The name shown to colleagues.")] = "",
) -> None:
    """Make an owner; the password is asked for, or taken from OVERDELIVER_PASSWORD."""
    password = os.environ.pop("OVERDELIVER_PASSWORD", "") or typer.prompt(
        "Password", hide_input=True, confirmation_prompt=True, err=True
    )
    ready()
    migrated()
    from overdeliver.apps.people.staffing import make_owner

    make_owner(email, password, name)
    typer.echo(f"{email} is an owner and may sign in")
