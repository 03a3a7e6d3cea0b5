"""A bar on the error stream while long work goes on: on a terminal only, nothing in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar() -> Iterator[Callable[[str, float], None] | None]:
    """A function that takes what is being done and the share that is behind; None in a pipe.

    >>> with bar() as tell:
    ...     print(tell)
    None
    """
    if not sys.stderr.isatty():
        yield None
        return
    # Loaded here: a pipe and the help of the program need no drawing.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=1.0)
        yield lambda what, share: shown.update(task, description=what, completed=share)
