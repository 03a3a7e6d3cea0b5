"""One run of learning in a process of its own: ``python -m overdeliver.apps.quoting.apart 7 abc``.

Learning takes the processor for minutes; the worker goes on with everything else meanwhile. The
process claims nothing: the worker has claimed the run for it, and lets it go when the process dies.
"""

import os
import sys
import threading

import django


def main(run: int, holder: str) -> None:
    """Carry the run out, keeping its lease alive; errors end it visibly."""
    django.setup()
    from django.db import connection

    from overdeliver.apps.journal.actions import acting
    from overdeliver.apps.quoting import learning, runs

    os.nice(10)
    done = threading.Event()

    def keep() -> None:
        while not done.wait(30):
            try:
                runs.renew(run, holder)
            except runs.Lost:
                os._exit(3)
        connection.close()

    threading.Thread(target=keep, daemon=True).start()
    try:
        with acting("worker"):
            learning.carry_out(run, holder)
    except runs.Lost:
        sys.exit(3)
    except Exception as error:
        runs.fail(run, holder, runs.said(error))
        raise
    finally:
        done.set()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
