"""How often one address may ask for a public quote: counted in memory, written nowhere."""

import threading
import time

PER_MINUTE = 60
_MOST = 20_000  # addresses remembered; beyond that all are forgotten, which only lets more in

_LOCK = threading.Lock()
_SEEN: dict[str, tuple[int, int]] = {}  # address -> minute, calls in it


def allowed(address: str, per_minute: int = PER_MINUTE) -> bool:
    """Whether one more call of this address is let in, in this process and minute."""
    minute = int(time.monotonic() // 60)
    with _LOCK:
        if len(_SEEN) > _MOST:
            _SEEN.clear()
        when, calls = _SEEN.get(address, (minute, 0))
        calls = calls + 1 if when == minute else 1
        _SEEN[address] = (minute, calls)
    return calls <= per_minute


def forget() -> None:
    """Begin to count anew."""
    with _LOCK:
        _SEEN.clear()
