"""A learned promise as one file: the estimator out of an artefact, equal to the one that went in.

What is kept: trees or tables, the decayed sums of each entity with the entity's own names (a
seller, a lane), the level of late. What is not: any row it was learned from.
"""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from overdeliver.learn.artefact import load, save
from overdeliver.learn.promise import PromiseCostRegressor, PromiseTimeRegressor
from overdeliver.learn.quoter import Quoter
from overdeliver.vocabulary.errors import InputError

Promise = PromiseTimeRegressor | PromiseCostRegressor

_KINDS: Mapping[str, type[PromiseTimeRegressor] | type[PromiseCostRegressor]] = {
    "promise.time": PromiseTimeRegressor,
    "promise.cost": PromiseCostRegressor,
}


def save_promise(
    model: Promise, path: str | os.PathLike[str], metrics: Mapping[str, Any] | None = None
) -> None:
    """Write a fitted estimator as an artefact; ``metrics`` (JSON values) go into its manifest.

    Raises NotFittedError before `fit`, and InputError where a value cannot be kept or the file
    cannot be written.

    >>> import tempfile, pathlib
    >>> model = PromiseTimeRegressor(unit="hours").fit([[0.0]] * 30, [*range(1, 31)])
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "promise.od"
    >>> save_promise(model, file, {"kept": 0.91})
    >>> again = load_promise(file)
    >>> again.unit, bool(again.predict([[0.0]]) == model.predict([[0.0]]))
    ('hours', True)
    """
    check_is_fitted(model)
    kind = next((name for name, one in _KINDS.items() if type(model) is one), None)
    if kind is None:
        raise InputError(
            f"a {type(model).__name__} cannot be saved: only the promise estimators can"
        )
    names = getattr(model, "feature_names_in_", None)
    state = {
        "params": model.get_params(),
        "names": None if names is None else [str(name) for name in names],
        "features": model.n_features_in_,
        "outcomes": model.n_outcomes_,
        "quoter": model.quoter_.state(),
    }
    save(path, _plain(state), kind=kind, schema=_schema(model), metrics=_plain(metrics or {}))


def load_promise(path: str | os.PathLike[str]) -> Promise:
    """The estimator that `save_promise` wrote: predicts, quotes and updates as it did.

    Raises InputError in one line where the file is missing, damaged or no learned promise.
    """
    found = load(path)
    if found.kind not in _KINDS:
        raise InputError(f"{path}: a learned {found.kind!r} is in this file, not a promise")
    try:
        return _estimator(found.kind, found.state)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise InputError(f"{path}: no promise can be made of this file ({error!r:.80})") from None


def _estimator(kind: str, state: Mapping[str, Any]) -> Promise:
    model = _KINDS[kind](**state["params"])
    if state["names"] is not None:
        model.feature_names_in_ = np.array(state["names"], dtype=object)
    model.n_features_in_ = int(state["features"])
    model.n_outcomes_ = int(state["outcomes"])
    model.quoter_ = Quoter.from_state(state["quoter"])
    model.choice_ = model.quoter_.model.choice
    return model


def _schema(model: Promise) -> dict[str, str]:
    """What a quote may bring: each feature that counts, as a number or as a name."""
    plan = model.quoter_.live.plan
    named = {name: "text" for one in plan.entities for name in one.entity}
    return named | dict.fromkeys(plan.numbers, "number")


def _plain(value: Any) -> Any:
    """Numpy's single values as Python's, tuples as lists: what an artefact keeps."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value
