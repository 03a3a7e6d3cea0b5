"""The short answer on the terminal, in the words of the page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup
from rich.box import SIMPLE
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
_FIGURES = ("now", "kept_now", "promise", "expected")


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
    in_pipe = not console.is_terminal  # a program reads whole lines
    head = headline(report, tell)
    answer = " ".join(map(words_of, head.sentences))
    console.print(Text(answer, style="bold"), soft_wrap=in_pipe)
    for remark in head.remarks:
        console.print(Text(words_of(remark)), soft_wrap=in_pipe)
    console.print(_outcomes(report, tell), soft_wrap=in_pipe)
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
    table = Table(title=words_of(say("instead.heading")), title_justify="left", box=SIMPLE)
    table.add_column("", no_wrap=True)
    for key in _FIGURES:
        table.add_column(words_of(say(f"instead.{key}", unit=unit)), justify="right")
    head = ""
    for group in groups[:ROWS]:
        if group["head"] != head:  # groups of different columns stand below each other
            head = group["head"]
            table.add_row(Text(words_of(head), style="italic"))
        name = f"  {words_of(group['name'])}" if head else str(report["source"]["name"])
        table.add_row(Text(name), *(Text(words_of(group[key])) for key in _FIGURES))
    return table
