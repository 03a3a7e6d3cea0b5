"""Scikit-learn's own checks of an estimator. No check is expected to fail."""

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from overdeliver.learn.promise import PromiseCostRegressor, PromiseTimeRegressor

#: Checks that fail, each with its reason. The tag ``poor_score`` (a promise at 0.9 is no mean, and
#: R squared measures means) and ``allow_nan`` (a feature may be missing) are stated on the class.
EXPECTED: dict[str, str] = {}


@parametrize_with_checks(
    [PromiseTimeRegressor(), PromiseCostRegressor(level=0.8)],
    expected_failed_checks=lambda estimator: EXPECTED,
)
def test_scikit_learns_checks(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


def test_it_is_cloned_and_used_in_a_pipeline() -> None:
    model = PromiseTimeRegressor(level=0.8, unit="hours", whole=True, random_state=3)
    assert clone(model).get_params() == model.get_params()
    X, y = [[float(n % 3)] for n in range(90)], [float(n % 10) for n in range(90)]
    promised = cross_val_predict(make_pipeline(model), X, y, cv=3)
    assert promised.shape == (90,) and (promised >= 5).all()


@pytest.mark.parametrize("ask", ["predict", "level_of", "quote", "supports", "update"])
def test_nothing_is_promised_before_learning(ask: str) -> None:
    arguments = {
        "predict": ([[1.0]],),
        "level_of": ([[1.0]], 2.0),
        "quote": ({},),
        "supports": (0.9,),
    }
    with pytest.raises(NotFittedError):
        if ask == "update":
            PromiseTimeRegressor().update([[1.0]], [2.0], made_at=["2026-01-01"])
        getattr(PromiseTimeRegressor(), ask)(*arguments[ask])
