"""A learned promise as a file: equal after loading, and without a row it was learned from."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.exceptions import NotFittedError

from overdeliver.learn.artefact import load, save
from overdeliver.learn.promise import PromiseCostRegressor, PromiseTimeRegressor
from overdeliver.learn.promise_file import Promise, load_promise, save_promise
from overdeliver.vocabulary.errors import InputError
from tests.learn.ledgers import Ledger, ledger


def learned(kind: str) -> tuple[Promise, Ledger]:
    one = ledger(450 if kind == "trees" else 250, seed=21)
    ids = pa.array([f"order-{n:05d}" for n in range(len(one.days))])
    clerk = pa.array([float(n % 5) for n in range(len(one.days))])
    table = one.features.append_column("order_id", ids).append_column("clerk", clerk)
    given = Ledger(table, one.days, one.made)
    if kind == "cost":
        model = PromiseCostRegressor(level=0.8)
        return model.fit(table, 9 * one.days, made_at=one.made), given
    if kind == "undated":
        return PromiseTimeRegressor(random_state=2).fit(table, one.days), given
    model = PromiseTimeRegressor(level=np.float64(0.8), whole=kind == "table")
    return model.fit(table, one.days, made_at=one.made), given


@pytest.mark.parametrize("kind", ["trees", "table", "cost", "undated"])
def test_what_is_loaded_is_what_was_saved(kind: str, tmp_path: Path) -> None:
    model, past = learned(kind)
    save_promise(model, tmp_path / "one.od", {"kept": np.float64(0.91)})
    again = load_promise(tmp_path / "one.od")
    assert type(again) is type(model) and again.get_params() == model.get_params()
    assert again.feature_names_in_.tolist() == model.feature_names_in_.tolist()
    assert (again.n_features_in_, again.n_outcomes_) == (model.n_features_in_, model.n_outcomes_)
    assert again.choice_ == model.choice_
    later = past.made[-1] + np.timedelta64(30, "D")
    same_everywhere(model, again, past.features.slice(0, 40), later)
    for each in (model, again):
        each.update(past.features.slice(0, 40), np.full(40, 30.0), made_at=later)
    same_everywhere(model, again, past.features.slice(0, 40), later + np.timedelta64(40, "D"))
    save_promise(again, tmp_path / "two.od", {"kept": 0.91})
    save_promise(model, tmp_path / "three.od", {"kept": 0.91})
    assert load(tmp_path / "two.od").hash == load(tmp_path / "three.od").hash


def same_everywhere(model: Promise, again: Promise, rows: pa.Table, moment: Any) -> None:
    levels = (0.5, 0.9, 0.99)
    np.testing.assert_array_equal(
        model.predict(rows, level=levels, made_at=moment),
        again.predict(rows, level=levels, made_at=moment),
    )
    np.testing.assert_array_equal(model.level_of(rows, 9.0), again.level_of(rows, 9.0))
    row = rows.slice(3, 1).to_pylist()[0]
    np.testing.assert_array_equal(model.quote(row), again.quote(row))


def test_the_file_knows_names_but_no_order(tmp_path: Path) -> None:
    model, _ = learned("trees")
    save_promise(model, tmp_path / "one.od", {"kept": 0.9})
    with zipfile.ZipFile(tmp_path / "one.od") as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist())
    assert b"order-" not in inside
    found = load(tmp_path / "one.od")
    assert found.kind == "promise.time" and found.metrics == {"kept": 0.9}
    assert found.schema["weight"] == "number"


def test_a_pair_and_a_missing_value_come_back_as_names(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    here, there = rng.integers(0, 4, 900), rng.integers(0, 4, 900)
    days = (
        np.where((here + there) % 2 == 0, 4.0, 9.0)
        * (1 + here + there)
        * rng.gamma(30, 1 / 30, 900)
    )
    table = pa.table(
        {"from": [f"a{n}" if n else None for n in here], "to": [f"b{n}" for n in there]}
    )
    made = np.datetime64("2026-01-01", "s") + np.arange(900) * np.timedelta64(4, "h")
    model = PromiseTimeRegressor().fit(table, days, made_at=made)
    assert any(len(one.entity) == 2 for one in model.quoter_.live.plan.entities)
    save_promise(model, tmp_path / "one.od")
    again = load_promise(tmp_path / "one.od")
    np.testing.assert_array_equal(again.predict(table), model.predict(table))
    row = {"from": None, "to": "b1"}
    assert again.quote(row, [0.9]) == model.quote(row, [0.9])


def test_an_array_without_names(tmp_path: Path) -> None:
    model = PromiseTimeRegressor().fit([[0.0]] * 30, np.arange(30.0))
    save_promise(model, tmp_path / "one.od")
    again = load_promise(tmp_path / "one.od")
    assert not hasattr(again, "feature_names_in_")
    assert again.predict([[0.0]]) == model.predict([[0.0]])


def test_what_is_no_learned_promise_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        save_promise(PromiseTimeRegressor(), tmp_path / "one.od")

    class Other(PromiseTimeRegressor):
        pass

    with pytest.raises(InputError, match="Other cannot be saved"):
        save_promise(Other().fit([[0.0]] * 9, [*range(9)]), tmp_path / "one.od")
    save(tmp_path / "voice.od", {"a": 1}, kind="voice", schema={}, metrics={})
    with pytest.raises(InputError, match="'voice' is in this file, not a promise"):
        load_promise(tmp_path / "voice.od")
    save(tmp_path / "bad.od", {"params": {}}, kind="promise.time", schema={}, metrics={})
    with pytest.raises(InputError, match="no promise can be made of this file"):
        load_promise(tmp_path / "bad.od")
    with pytest.raises(InputError, match="no such file"):
        load_promise(tmp_path / "nowhere.od")
