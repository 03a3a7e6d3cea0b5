"""What an estimator accepts, checked in scikit-learn's manner before anything is learned."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_array, validate_data

from overdeliver.learn.columns import Columns, read_columns
from overdeliver.vocabulary.errors import InputError, NotEnoughData

Floats = NDArray[np.float64]


def columns_of(estimator: Any, X: Any, made: Floats | None, *, reset: bool) -> Columns:
    """The features by name. Plain arrays and lists pass scikit-learn's checks; frames keep names.

    A frame may bring its columns in any order and more than were learned. Raises ValueError when a
    column that was learned is missing.
    """
    if not hasattr(X, "columns") and not hasattr(X, "__arrow_c_stream__"):
        array = validate_data(estimator, X, reset=reset, dtype=None, ensure_all_finite="allow-nan")
        return read_columns(np.asarray(array), made)
    columns = read_columns(X, made)
    if columns.rows == 0:
        raise ValueError("Found array with 0 sample(s) while a minimum of 1 is required.")
    if reset:
        estimator.feature_names_in_ = np.array(columns.names, dtype=object)
        estimator.n_features_in_ = len(columns.names)
        return columns
    missing = [name for name in estimator.feature_names_in_ if name not in columns.names]
    if missing:
        raise ValueError(f"columns seen in fit are missing: {', '.join(missing)}")
    return columns


def outcomes_of(y: ArrayLike, rows: int, *, dated: bool) -> Floats:
    """Outcomes of shape (rows,); NaN (open) only where promises are dated."""
    if y is None:
        raise ValueError(
            "an estimator of promises requires y to be passed, but the target y is None"
        )
    mode = "allow-nan" if dated else True
    column = np.asarray(y)
    if column.ndim == 2 and column.shape[1] == 1:
        import warnings

        from sklearn.exceptions import DataConversionWarning

        warnings.warn(
            "A column-vector y was passed when a 1d array was expected.",
            DataConversionWarning,
            stacklevel=3,
        )
        column = column.ravel()
    array = check_array(
        column, ensure_2d=False, dtype=np.float64, ensure_all_finite=mode, input_name="y"
    )
    if array.ndim != 1:
        raise ValueError(f"y should be a 1d array, got an array of shape {array.shape} instead.")
    if len(array) != rows:
        raise ValueError(
            f"Found input variables with inconsistent numbers of samples: {rows}, {len(array)}"
        )
    if not np.isfinite(array).any():
        raise NotEnoughData("every outcome is still open: nothing to learn from yet")
    return np.asarray(array, dtype=np.float64)


def one_each(moments: Floats, rows: int, *, complete: bool = True) -> Floats:
    """One moment (seconds) per row; a single one speaks for all. InputError for anything else."""
    if moments.ndim == 0:
        moments = np.full(rows, float(moments))
    if moments.shape != (rows,):
        shape = " x ".join(str(size) for size in moments.shape)
        raise InputError(f"{shape} moments were given for {rows} rows: give one for each")
    missing = np.flatnonzero(np.isnan(moments))
    if complete and len(missing):
        raise InputError(f"made_at is missing in row {missing[0] + 1}: leave such rows out")
    return moments
