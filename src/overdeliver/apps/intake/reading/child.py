"""The process that reads uploaded files: little memory, little time, no network, no way out.

Run as ``python -m overdeliver.apps.intake.reading.child``, with the task as JSON on its standard
input; the answer is ``result.json`` in the task's folder. Whatever happens here, the server lives.
"""

import ctypes
import json
import os
import resource
import shutil
import sys
import traceback
from typing import Any

RESULT = "result.json"
_TOO_MUCH = "the file needs more than the {} MB an import may use; split it, or save it as CSV"
_NEW_NET, _NEW_USER = 0x40000000, 0x10000000
_DIE_WITH_PARENT = 1
_KILL = 9
_REFUSED = ("socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.Popen", "os.system")


def main() -> int:
    """Do one task; 0 done or refused in words, anything else is a crash."""
    data = json.loads(sys.stdin.buffer.read())
    shut_in(data)
    # Loaded inside the limits, so that what they cost is counted too.
    import duckdb

    from overdeliver.apps.intake.reading.check import check
    from overdeliver.apps.intake.reading.look import look
    from overdeliver.apps.intake.reading.task import Task
    from overdeliver.vocabulary.errors import InputError

    task = Task.of(data)
    work = task.out / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    steps = {"look": look, "check": check}
    try:
        answer: dict[str, Any] = {"answer": steps[task.step](task, work)}
    except InputError as error:
        answer = {"refused": " ".join(str(error).split())[:1000]}
    except MemoryError:
        answer = {"refused": _TOO_MUCH.format(task.memory_mb)}
    except Exception as error:  # noqa: BLE001 - whatever a file does to the libraries ends here
        starved = isinstance(error, duckdb.OutOfMemoryException)
        answer = {"refused": _TOO_MUCH.format(task.memory_mb)} if starved else {"crashed": True}
        (task.out / "crash.txt").write_text(traceback.format_exc(), encoding="utf-8")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    part = task.out / f"{RESULT}.part"
    part.write_text(json.dumps(answer, ensure_ascii=False, default=str), encoding="utf-8")
    part.replace(task.out / RESULT)
    return 0


def shut_in(data: dict[str, Any]) -> None:
    """Lay the limits on this very process, before it opens anything."""
    megabytes, seconds = int(data["memory_mb"]), int(data["seconds"])
    _limit(resource.RLIMIT_AS, megabytes << 20)
    _limit(resource.RLIMIT_CPU, seconds)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, max(4 * int(data["size_mb"]), 64) << 20)
    os.nice(10)
    try:
        libc = ctypes.CDLL(None)
        libc.prctl(_DIE_WITH_PARENT, _KILL)
        if libc.unshare(_NEW_NET) and libc.unshare(_NEW_USER | _NEW_NET):
            pass  # not allowed here: the audit hook below still refuses
    except (OSError, AttributeError):
        pass
    sys.addaudithook(_no_way_out)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (allowed, allowed))


def _no_way_out(event: str, _: Any) -> None:
    if event in _REFUSED:
        raise PermissionError(f"{event}: reading a file needs no such thing")


if __name__ == "__main__":
    sys.exit(main())
