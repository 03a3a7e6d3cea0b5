"""Whether two answers are the same: names and counts exactly, numbers to 1e-9."""

import math
from dataclasses import asdict, is_dataclass
from typing import Any


def differences(left: Any, right: Any, where: str = "") -> list[str]:
    """Each place at which the two differ, with both values; empty when they are the same."""
    if is_dataclass(left) and is_dataclass(right):
        if type(left) is not type(right):
            return [f"{where}: {type(left).__name__} and {type(right).__name__}"]
        left, right = asdict(left), asdict(right)  # type: ignore[arg-type]
    if isinstance(left, float) or isinstance(right, float):
        return _numbers(left, right, where)
    if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        return [d for key in left for d in differences(left[key], right[key], f"{where}.{key}")]
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        if len(left) != len(right):
            return [f"{where}: {len(left)} and {len(right)} long"]
        pairs = enumerate(zip(left, right, strict=True))
        return [d for i, (a, b) in pairs for d in differences(a, b, f"{where}[{i}]")]
    return [] if left == right else [f"{where}: {left!r} and {right!r}"]


def _numbers(left: Any, right: Any, where: str) -> list[str]:
    if left is None or right is None:
        return [] if left is right else [f"{where}: {left!r} and {right!r}"]
    close = math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return [] if close else [f"{where}: {left!r} and {right!r}"]
