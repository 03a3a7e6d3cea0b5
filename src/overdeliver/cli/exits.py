"""How a command ends: its exit status, and one line on the error stream when it failed.

0 done; 1 the work failed; 2 the call or the input was wrong; 130 interrupted; 141 nobody reads on.
"""

import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence

import typer

from overdeliver.vocabulary.errors import InputError, OverdeliverError

DONE, FAILED, WRONG, INTERRUPTED, UNREAD = 0, 1, 2, 130, 141

#: What the command line library raises for a call it cannot read; its own name for it has moved.
WrongCall: type[Exception] = typer.BadParameter.__mro__[2]


def guarded(work: Callable[[], int | None], *, debug: bool = False) -> int:
    """Do the work and turn whatever stops it into an exit status and one line.

    >>> guarded(lambda: None)
    0
    """
    if not debug:
        warnings.simplefilter("ignore")  # the libraries' remarks are not for the reader of a report
    try:
        status = work() or DONE
        sys.stdout.flush()
    except Exception as error:  # noqa: BLE001 - the last door: nothing may pass it as a traceback
        return _ended(error, debug)
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _ended(error: Exception, debug: bool) -> int:
    if isinstance(error, BrokenPipeError):
        # What is still buffered must not complain again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    if isinstance(error, typer.Abort):
        return INTERRUPTED
    if debug:
        traceback.print_exception(error)
    status, text = _told(error)
    print(f"overdeliver: {one_line(text)}", file=sys.stderr)
    return status


def _told(error: Exception) -> tuple[int, str]:
    if isinstance(error, WrongCall):
        told: str = error.format_message()  # type: ignore[attr-defined]
        return WRONG, told
    if isinstance(error, OverdeliverError):
        return (WRONG if isinstance(error, InputError) else FAILED), str(error)
    if isinstance(error, MemoryError):
        return FAILED, "the memory of this machine is not enough for this input"
    kind = type(error).__name__
    return FAILED, f"unexpected {kind}: {error} (run with --debug for the traceback)"


def one_line(text: str, longest: int = 1000) -> str:
    """The text on one line, without the control characters a terminal would obey.

    >>> one_line("line 3:\\n  a\\x1b[31m value")
    'line 3: a?[31m value'
    """
    joined = " ".join(text.split())
    shown = "".join(sign if sign.isprintable() else "?" for sign in joined)
    return shown if len(shown) <= longest else shown[: longest - 3] + "..."


def arguments(given: Sequence[str]) -> tuple[list[str], bool]:
    """The arguments without ``--debug``, which may stand anywhere, and whether it was there.

    >>> arguments(["audit", "--debug", "a.csv"])
    (['audit', 'a.csv'], True)
    """
    return [one for one in given if one != "--debug"], "--debug" in given
