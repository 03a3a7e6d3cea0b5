"""From columns of any kind to three integer arrays: case code, activity code, microseconds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from overdeliver.measure.paths.ordering import Ints
from overdeliver.vocabulary.errors import InputError

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class CodedEvents:
    """Usable events as integers, in the order of the source, and the names behind the codes."""

    case: Codes
    activity: Codes
    at: Ints  # microseconds since 1970 UTC
    names: tuple[str, ...]  # of the activities
    left_out: int


def code_events(column: Callable[[str], pa.ChunkedArray], names: Sequence[str]) -> CodedEvents:
    """Code the columns named case, activity, moment (in this order), each fetched in its turn.

    Rows with a NULL in any of them are counted in ``left_out``. Raises InputError when the third
    column holds no moments. One at a time, because a million case names are the largest thing in
    the log: their text is let go before the next column is read.
    """
    case, _ = _coded(column(names[0]), named=False)
    pa.default_memory_pool().release_unused()
    activity, activities = _coded(column(names[1]))
    at, known = _microseconds(column(names[2]))
    known &= (case >= 0) & (activity >= 0)
    if known.all():
        return CodedEvents(case, activity, at, activities, 0)
    left_out = known.size - int(np.count_nonzero(known))
    return CodedEvents(case[known], activity[known], at[known], activities, left_out)


def _microseconds(column: pa.ChunkedArray) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Microseconds since 1970 and which of them are known."""
    kind = column.type
    if pa.types.is_date(kind):
        column = column.cast(pa.timestamp("us"))
    elif not pa.types.is_timestamp(kind):
        raise InputError(
            f"The column of moments holds {kind}, not moments. Name another with --at, or "
            "write the moments as 2026-07-03 11:02:00."
        )
    whole = pc.cast(column, pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
    return _joined(whole.chunks)


def _coded(column: pa.ChunkedArray, *, named: bool = True) -> tuple[Codes, tuple[str, ...]]:
    """One code per distinct value over all chunks, -1 where there is none, and their names."""
    if len(column) == 0:
        return np.empty(0, np.int32), ()
    # Encoding a chunked array gives all chunks one dictionary; unifying those would cost seconds.
    coded = pa.types.is_dictionary(column.type)
    column = column.unify_dictionaries() if coded else column.dictionary_encode()
    names = column.chunk(0).dictionary.to_pylist() if named else ()
    codes, known = _joined([chunk.indices for chunk in column.chunks])
    return np.where(known, codes, -1).astype(np.int32, copy=False), tuple(map(str, names))


def _joined(chunks: list[pa.Array]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Arrow arrays as one numpy array, and which entries are not NULL.

    By DLPack: Arrow's own to_numpy and fill_null import pandas when it is installed (0.8 s).
    """
    if not chunks:
        return np.empty(0, np.int64), np.empty(0, bool)
    bare = [
        pa.Array.from_buffers(c.type, len(c), [None, c.buffers()[1]], offset=c.offset)
        for c in chunks
    ]
    known = [np.from_dlpack(chunk.is_valid().cast(pa.uint8())) for chunk in chunks]
    values = np.concatenate([np.from_dlpack(array) for array in bare])
    return values, np.concatenate(known).astype(bool)
