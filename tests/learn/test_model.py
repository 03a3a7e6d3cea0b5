"""Table or trees: the one that foresaw more, and why."""

import numpy as np
import pytest

from overdeliver.learn import model as models
from overdeliver.learn.book import Book, open_book
from overdeliver.learn.model import Choice, best_of, choose_model, fit_model, group_codes
from overdeliver.vocabulary.errors import NotEnoughData
from tests.learn.ledgers import as_columns, as_facts, ledger

TABLE, GROUPED, TREES = (
    Choice("table", None, "", {}),
    Choice("table", 0, "", {}),
    Choice("boosted", None, "", {}),
)
OPTIONS = {"table of all": TABLE, "table by lane": GROUPED, "boosted trees": TREES}
LEVELS = np.array([0.2, 0.5, 0.9])


def book_of(size: int) -> tuple[Book, float]:
    one = ledger(size, seed=61)
    facts = as_facts(one)
    moment = float(np.quantile(facts.made, 0.9))
    return open_book(as_columns(one.features), facts, before=moment), moment


@pytest.mark.parametrize(
    ("losses", "model", "grouping"),
    [
        ((1.0, 0.9, 0.5), "boosted", None),
        ((1.0, 0.9, 0.899), "table", 0),  # not worth their weight
        ((0.8, 0.9, 0.95), "table", None),
        ((np.inf, np.inf, np.inf), "table", None),
    ],
)
def test_trees_must_win_clearly(
    losses: tuple[float, ...], model: str, grouping: int | None
) -> None:
    found = best_of(OPTIONS, dict(zip(OPTIONS, losses, strict=True)))
    assert (found.model, found.grouping) == (model, grouping)
    assert "inf" not in found.because.replace("information", "")


def test_one_option_is_compared_with_nothing() -> None:
    found = best_of({"table of all": TABLE}, {"table of all": 0.5})
    assert found.because.endswith("pinball loss 0.5")


def test_few_outcomes_are_one_table() -> None:
    book, moment = book_of(60)
    assert "one table for all" in choose_model(book, moment).because


@pytest.mark.parametrize("choice", [TABLE, GROUPED, TREES], ids=["all", "grouped", "trees"])
def test_every_model_gives_quantiles_that_rise_and_invert(choice: Choice) -> None:
    book, moment = book_of(700)
    fitted = fit_model(book, moment, choice)
    rows = np.arange(600, 640)
    spread = fitted.distribution(book.matrix[rows], group_codes(book, choice, rows))
    found = spread.quantiles(LEVELS)
    assert found.shape == (40, 3) and (np.diff(found, axis=1) > 0).all()
    for column, level in enumerate(LEVELS):
        np.testing.assert_allclose(spread.level_of(found[:, column]), level, atol=1e-9)
    code = int(group_codes(book, choice, rows)[7])
    one = fitted.quantiles_one(book.matrix[rows[7]].tolist(), code, LEVELS)
    np.testing.assert_allclose(one, found[7], atol=1e-9)


def test_only_the_latest_promises_are_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    book, moment = book_of(400)
    monkeypatch.setattr(models, "MOST_ROWS", 100)
    whole = book.known_at(moment)
    part = models._latest(whole)
    np.testing.assert_array_equal(part.rows, whole.rows[-100:])
    assert sorted(set(part.fold)) == list(range(len(set(whole.fold))))
    assert fit_model(book, moment, TABLE).spread.effective <= 100


def test_nothing_known_is_not_enough() -> None:
    book, _ = book_of(60)
    with pytest.raises(NotEnoughData, match="no outcome"):
        fit_model(book, float(book.facts.made[0]), TABLE)
