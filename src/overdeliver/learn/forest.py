"""Boosted trees as plain arrays: saved without pickle, walked without a data frame.

A forest is a baseline plus the sum of its trees. Batches go through scikit-learn's compiled
predictor when this release has it where it was; a single row walks plain lists, which costs tens of
microseconds instead of the milliseconds of the full estimator.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

Floats = NDArray[np.float64]

_NO_CATEGORIES = np.zeros((0, 8), dtype=np.uint32)
_NO_COLUMNS = np.zeros(0, dtype=np.uint32)


class Forest:
    """The trees of a fitted regressor with a log or identity link."""

    def __init__(self, baseline: float, trees: Sequence[NDArray[Any]]) -> None:
        self.baseline = baseline
        self.trees = list(trees)
        self._predictors = [TreePredictor(t, _NO_CATEGORIES, _NO_CATEGORIES) for t in self.trees]
        self._walks = [_walk_lists(tree) for tree in self.trees]

    @classmethod
    def of(cls, model: HistGradientBoostingRegressor) -> "Forest":
        """The forest of a fitted single-output regressor without native categories."""
        trees = [stage[0].nodes for stage in model._predictors]
        return cls(float(np.ravel(model._baseline_prediction)[0]), trees)

    @classmethod
    def mean_of(cls, forests: Sequence["Forest"]) -> "Forest":
        """One forest that answers with the mean of several."""
        trees = []
        for forest in forests:
            for tree in forest.trees:
                share = tree.copy()
                share["value"] = tree["value"] / len(forests)
                trees.append(share)
        return cls(sum(forest.baseline for forest in forests) / len(forests), trees)

    def raw(self, matrix: Floats) -> Floats:
        """The sum of the trees for each row of bin codes, shape (n,)."""
        matrix = np.ascontiguousarray(matrix, dtype=np.float64)
        total = np.full(len(matrix), self.baseline)
        for predictor in self._predictors:
            total += predictor.predict(matrix, _NO_CATEGORIES, _NO_COLUMNS, 1)
        return total

    def raw_one(self, row: Sequence[float]) -> float:
        """The same for one row given as a plain sequence."""
        total = self.baseline
        for feature, threshold, left, right, missing_left, value in self._walks:
            node = 0
            while (column := feature[node]) >= 0:
                code = row[column]
                if code != code:
                    node = left[node] if missing_left[node] else right[node]
                else:
                    node = left[node] if code <= threshold[node] else right[node]
            total += value[node]
        return total

    def state(self) -> dict[str, Any]:
        """Plain arrays that `from_state` turns back into an equal forest."""
        lengths = np.array([len(tree) for tree in self.trees], dtype=np.int64)
        nodes = np.concatenate([np.zeros(0, dtype=_node_type()), *self.trees])
        return {
            "baseline": self.baseline,
            "lengths": lengths,
            "nodes": {name: np.ascontiguousarray(nodes[name]) for name in nodes.dtype.names or ()},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Forest":
        """The forest that `state` described."""
        columns = state["nodes"]
        total = int(np.sum(state["lengths"]))
        nodes = np.zeros(total, dtype=_node_type())
        for name, values in columns.items():
            nodes[name] = values
        ends = np.cumsum(state["lengths"])[:-1]
        trees = [part.copy() for part in np.split(nodes, ends)] if len(state["lengths"]) else []
        return cls(float(state["baseline"]), trees)


def _node_type() -> Any:
    from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE

    return PREDICTOR_RECORD_DTYPE


def _walk_lists(tree: NDArray[Any]) -> tuple[list[Any], ...]:
    feature = np.where(tree["is_leaf"] != 0, -1, tree["feature_idx"].astype(np.int64))
    return (
        feature.tolist(),
        tree["num_threshold"].tolist(),
        tree["left"].tolist(),
        tree["right"].tolist(),
        (tree["missing_go_to_left"] != 0).tolist(),
        tree["value"].tolist(),
    )
