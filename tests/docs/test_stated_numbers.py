"""Numbers stated in prose are those of the code."""

from pathlib import Path

from overdeliver.learn import asof, book, entities, model, period, pooled

PAGE = Path(__file__).resolve().parents[2] / "docs/explanation/how-promises-are-learned.md"


def test_how_promises_are_learned_states_the_numbers_of_the_code() -> None:
    page = " ".join(PAGE.read_text("utf-8").split())
    short, long = asof._HALF_LIVES
    said = [
        f"half after **{book._NOWCAST:g}** days",
        f"as many as hold **{book._NOW_ENOUGH}** promises",
        f"older than **{period._FAR:.0%}**".replace("%**", "** %"),
        f"half-lives of **{short:g}** and **{long:g}** days",
        f"as if **{entities.STRENGTH:g}** more outcomes",
        f"**{book._PATIENT:.0%}**".replace("%**", "** %"),
        f"half after **{book.RECENCY:g}** days",
        f"as many as hold **{book._RECENT_ENOUGH}** outcomes",
        f"at least **{pooled.OWN_TABLE}** outcomes",
        f"from **{model.TREES_FROM}** outcomes on",
    ]
    assert [one for one in said if one not in page] == []
    assert abs(book._MATURE - 4 / 3) < 1e-9 and "younger than **4/3** of the usual" in page
    assert round(100 * (1 - model._MARGIN), 3) == 0.5 and "by half a percent" in page
    assert period._LONG == 9 and "a memory nine times as long" in page
