"""The short answer on the terminal, in the words of the page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup
from rich.console import Console
from rich.table import Table
from rich.text import Text

from overdeliver.audit.page import instead
from overdeliver.audit.page.clean import clean
from overdeliver.audit.page.headline import headline
from overdeliver.audit.page.numbers import Numbers
from overdeliver.audit.page.tell import Tell
from overdeliver.audit.page.words import Words

VERDICTS = ("broken", "met", "exceeded", "open", "unknown")
ROWS = 10


def show(report: Mapping[str, Any], written: Sequence[Path], language: str = "en") -> None:
    """Print the headline, the outcomes, what to promise instead, and where the files are."""
    report = clean(report)
    tell = Tell(
        Words(language),
        Numbers(language),
        report["lever"],
        report["unit"],
        report["granularity"],
        report["tolerance"],
    )
    console = Console(highlight=False)
    head = headline(report, tell)
    console.print(Text(" ".join(map(words_of, head.sentences)), style="bold"))
    for remark in head.remarks:
        console.print(Text(words_of(remark)))
    console.print(_outcomes(report, tell))
    if report["instead"]:
        console.print(_instead(report, tell))
    for path in written:
        console.print(Text(str(path)), soft_wrap=True)  # a path is copied whole


def words_of(text: Markup | str) -> str:
    """A sentence of the page as plain text, on one line.

    >>> words_of(Markup("<em>RJ</em> keeps 86&nbsp;of 100"))
    'RJ keeps 86\\xa0of 100'
    """
    return Markup(text).striptags()


def _outcomes(report: Mapping[str, Any], tell: Tell) -> Text:
    """Counts of the verdicts in one line, nothing for those that do not occur."""
    counts = [(kind, report["outcomes"][kind]) for kind in VERDICTS]
    told = (
        f"{words_of(tell.words(f'outcome.{kind}'))} {tell.numbers.count(n)}"
        for kind, n in counts
        if n
    )
    return Text("  ".join(told))


def _instead(report: Mapping[str, Any], tell: Tell) -> Table:
    """The promises to make, as on the page, the first ten of them."""
    say, unit = tell.words, tell.unit_name
    groups = instead.section(report, tell)["groups"]
    table = Table(title=words_of(say("instead.heading")), title_justify="left")
    table.add_column(words_of(groups[0]["head"]))
    heads = ("now", "kept_now", "promise", "expected")
    for head in heads:
        table.add_column(words_of(say(f"instead.{head}", unit=unit)), justify="right")
    for group in groups[:ROWS]:
        table.add_row(*(Text(words_of(group[key])) for key in ("name", *heads)))
    return table
