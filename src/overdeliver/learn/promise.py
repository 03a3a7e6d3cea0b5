"""What to promise, as scikit-learn estimators: how long, and how much.

>>> import numpy as np
>>> rng = np.random.default_rng(0)
>>> made = np.datetime64("2026-01-01") + np.arange(400) * np.timedelta64(6, "h")
>>> days = rng.gamma(4.0, 1.5, 400)
>>> X = {"state": np.where(np.arange(400) % 2, "SP", "RJ")}
>>> import pyarrow as pa
>>> model = PromiseTimeRegressor(unit="days").fit(pa.table(X), days, made_at=made)
>>> promise = model.predict(pa.table(X), level=0.9)
>>> bool(0.85 < (days <= promise).mean() < 0.95)
True
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from overdeliver.learn.book import Facts
from overdeliver.learn.columns import Columns, seconds
from overdeliver.learn.inputs import columns_of, one_each, outcomes_of
from overdeliver.learn.quoter import fit_quoter
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.moments import SECONDS

Floats = NDArray[np.float64]


def _levels(levels: float | Sequence[float]) -> Floats:
    found = np.atleast_1d(np.asarray(levels, dtype=np.float64))
    if not ((found > 0) & (found < 1)).all():
        raise ValueError(f"a level lies between 0 and 1, got {levels}")
    return found


class _PromiseRegressor(RegressorMixin, BaseEstimator):
    """The common part: fit, promise at a level, the level of a promise."""

    level: float
    random_state: int

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.target_tags.required = True
        # A promise is a high quantile: against the mean of the outcomes it must look poor.
        tags.regressor_tags.poor_score = True
        return tags

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        *,
        made_at: Any = None,
        observed_at: Any = None,
        as_of: Any = None,
        stages: Mapping[str, Any] | None = None,
    ) -> Self:
        """Learn from promises and what came of them.

        Parameters
        ----------
        X : data frame or array of shape (n, features)
            What was known when each promise was made; any frame narwhals knows.
        y : shape (n,)
            Outcomes in the estimator's unit. NaN: still open (needs ``made_at``).
        made_at : moments, shape (n,), optional
            When each promise was made. Without it rows are taken as exchangeable: no histories, no
            recency, and open rows cannot be used.
        observed_at : moments, shape (n,), optional
            When each outcome became known; default ``made_at + y`` for time, ``made_at`` for cost.
        as_of : moment, optional
            The end of what is known, default the latest moment given.
        stages : name to moments of shape (n,), optional
            Moments of the journey, in order; NaT while unknown.

        Raises ValueError on unusable features or outcomes, InputError on unusable moments and
        NotEnoughData when no outcome is known.
        """
        made = None if made_at is None else seconds(made_at)
        columns = columns_of(self, X, made, reset=True)
        made = None if made is None else one_each(made, columns.rows)
        outcome = outcomes_of(y, columns.rows, dated=made is not None)
        facts = self._facts(outcome, made, observed_at)
        timed = {name: seconds(values) for name, values in (stages or {}).items()}
        moment = None if as_of is None else float(seconds([as_of])[0])
        self.quoter_ = fit_quoter(columns, facts, timed, as_of=moment, seed=self.random_state)
        self.n_outcomes_ = int((~np.isnan(outcome)).sum())
        self.choice_ = self.quoter_.model.choice
        return self

    def predict(
        self, X: Any, level: float | Sequence[float] | None = None, *, made_at: Any = None
    ) -> Floats:
        """The shortest promise kept at ``level`` (default: the estimator's own).

        One level gives shape (n,), several give (n, levels), rising along the levels. ``made_at``
        defaults to the end of what was learned. Where fewer outcomes were seen than the level needs
        (4 for 0.8, 9 for 0.9, 19 for 0.95) the largest seen speaks; ask `supports`.
        """
        check_is_fitted(self)
        levels = _levels(self.level if level is None else level)
        columns, made = self._query(X, made_at)
        promise = self.quoter_.promises(columns, made, levels)
        return promise[:, 0] if level is None or np.ndim(level) == 0 else promise

    def level_of(self, X: Any, promised: ArrayLike, *, made_at: Any = None) -> Floats:
        """The share of cases like each row that keeps ``promised``: predict's inverse, (n,)."""
        check_is_fitted(self)
        columns, made = self._query(X, made_at)
        values = np.broadcast_to(np.asarray(promised, dtype=np.float64), (columns.rows,))
        return self.quoter_.levels(columns, made, values)

    def quote(
        self,
        features: Mapping[str, Any],
        levels: Sequence[float] = (0.5, 0.8, 0.9, 0.95, 0.99),
        *,
        made_at: Any = None,
    ) -> Floats:
        """Promises of one case at each level, shape (levels,): no data frame on the way."""
        check_is_fitted(self)
        moment = self.quoter_.at if made_at is None else float(seconds([made_at])[0])
        return self.quoter_.one(features, moment, _levels(levels))

    def supports(self, level: float) -> bool:
        """Whether enough outcomes were seen for an honest promise at ``level``."""
        check_is_fitted(self)
        return self.quoter_.model.spread.supports(level)

    def update(self, X: Any, y: ArrayLike, *, made_at: Any, observed_at: Any = None) -> Self:
        """Take newly known outcomes into the histories and the level; the trees stay."""
        check_is_fitted(self)
        columns, made = self._query(X, made_at)
        outcome = outcomes_of(y, columns.rows, dated=False)
        self.quoter_.learn(columns, self._facts(outcome, made, observed_at))
        return self

    def _query(self, X: Any, made_at: Any) -> tuple[Columns, Floats]:
        made = np.asarray(self.quoter_.at if made_at is None else seconds(made_at))
        columns = columns_of(self, X, made, reset=False)
        return self.quoter_.typed(columns), one_each(made, columns.rows)

    def _facts(self, outcome: Floats, made: Floats | None, observed_at: Any) -> Facts:
        if made is None:
            undated = np.full(len(outcome), np.nan)
            return Facts(undated, undated, outcome, self._unit_seconds(), self._whole())
        if observed_at is None:
            lag = self._unit_seconds() or 0.0
            observed = made + outcome * lag
        else:
            observed = one_each(seconds(observed_at), len(outcome), complete=False)
            if np.isnan(observed[~np.isnan(outcome)]).any():
                raise InputError("observed_at is missing where an outcome is given")
        known = np.where(np.isnan(outcome), np.nan, observed)
        return Facts(made, known, outcome, self._unit_seconds(), self._whole())

    def _unit_seconds(self) -> float | None:
        return None

    def _whole(self) -> bool:
        return False


class PromiseTimeRegressor(_PromiseRegressor):
    """How long it will take, at a level you choose.

    Parameters
    ----------
    level : the level `predict` uses by default, between 0 and 1
    unit : "seconds", "minutes", "hours", "days" or "weeks": the unit of ``y`` and of promises
    whole : outcomes and promises are whole units, as calendar days are
    random_state : seed of the boosted trees

    A distribution of the logarithm of the outcome around a level of late that counts open orders
    (`learn.period`), moved by each entity's own past (`learn.asof`) and shaped by a table or by
    boosted trees, whichever foresees held-back outcomes better (`learn.model`).
    """

    def __init__(
        self,
        *,
        level: float = 0.9,
        unit: str = "days",
        whole: bool = False,
        random_state: int = 0,
    ) -> None:
        self.level = level
        self.unit = unit
        self.whole = whole
        self.random_state = random_state

    def _unit_seconds(self) -> float | None:
        if self.unit not in SECONDS:
            raise InputError(f"unit {self.unit!r}: use one of {', '.join(SECONDS)}")
        return SECONDS[self.unit]

    def _whole(self) -> bool:
        return self.whole


class PromiseCostRegressor(_PromiseRegressor):
    """How much it will cost, at a level you choose: an estimate with a ceiling that holds.

    As `PromiseTimeRegressor`, without what only time has: a job not yet billed says nothing of its
    sum, so open rows are left aside until nine of ten bills of their age are written.
    """

    def __init__(self, *, level: float = 0.9, random_state: int = 0) -> None:
        self.level = level
        self.random_state = random_state
