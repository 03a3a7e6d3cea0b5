"""The command line: what `overdeliver` and `python -m overdeliver` start."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from overdeliver.cli import keeping, serving
from overdeliver.cli.audit import audit_command
from overdeliver.cli.exits import arguments, guarded
from overdeliver.cli.import_ import export, import_
from overdeliver.cli.paths import paths_command
from overdeliver.cli.simulate import simulate

app = typer.Typer(
    name="overdeliver",
    help="The shortest promise you can keep, and proof that keeping it pays.",
    rich_markup_mode=None,  # plain help loads in half the time
    pretty_exceptions_enable=False,
)
app.command("audit")(audit_command)
app.command("paths")(paths_command)
app.command("simulate")(simulate)
app.command("import")(import_)
app.command("export")(export)
for command in (
    serving.demo,
    serving.serve,
    serving.worker,
    serving.migrate,
    serving.createowner,
    keeping.backup,
    keeping.restore,
    keeping.move,
    keeping.check,
    keeping.explain,
    keeping.quote,
    keeping.knobs,
):
    app.command(command.__name__)(command)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"overdeliver {sys.modules['overdeliver'].__version__}")
        raise typer.Exit


@app.callback()
def overdeliver(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of what goes wrong.")
    ] = False,
) -> None:
    """The shortest promise you can keep, and proof that keeping it pays."""


def main(given: Sequence[str]) -> int:
    """Run the command line on these arguments; answers the exit status."""
    args, debug = arguments(given)
    # Without a command: what there is.
    return guarded(
        lambda: app(args or ["--help"], prog_name="overdeliver", standalone_mode=False), debug=debug
    )


def run() -> None:
    """The installed program."""
    sys.exit(main(sys.argv[1:]))
