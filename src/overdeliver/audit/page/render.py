"""The audit report as one HTML file: no network, no script, nothing outside itself."""

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from overdeliver.audit.page import cliff, fix, groups, instead, outcomes, rest
from overdeliver.audit.page.clean import clean
from overdeliver.audit.page.headline import headline, settled
from overdeliver.audit.page.numbers import Numbers
from overdeliver.audit.page.tell import Tell, given
from overdeliver.audit.page.words import Words, check_language

SECTIONS = (
    "picture",
    "groups",
    "cliff",
    "fix",
    "instead",
    "levers",
    "steps",
    "warnings",
    "left",
    "method",
)
"""The order of the page; each is a template of the same name and an anchor."""


def render(report: Mapping[str, Any], language: str = "en") -> str:
    """The page of one report, a pure function of its two arguments.

    `report` is the object of `overdeliver audit --json` (schema overdeliver.audit/1); `language` is
    one of en, pt, ru, ro, kk. Raises InputError for another language.
    """
    words = Words(check_language(language))
    report = clean(report)
    tell = Tell(
        words,
        Numbers(language),
        report["lever"],
        report["unit"],
        report["granularity"],
        report["tolerance"] or 0.0,
    )
    css = stylesheet()
    view = sections(report, tell)
    page: str = (
        environment()
        .get_template("page.html.j2")
        .render(
            say=words,
            given=given,
            language=language,
            css=Markup(css),
            policy=policy(css),
            source=report["source"],
            program=report["program"],
            head=headline(report, tell),
            legend=outcomes.legend(report, tell),
            period=rest.period(report["source"], tell),
            as_of=rest.as_of(report["source"], tell),
            unit=tell.unit_name,
            names=[(name, view[name]["heading"]) for name in SECTIONS if view[name]],
            **view,
        )
    )
    return page


def sections(report: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """What each section shows; None for a section that this report has no subject for."""
    say = tell.words
    notes = rest.warnings(report, tell)
    view: dict[str, Any] = dict.fromkeys(SECTIONS)
    if report["rows"]["used"]:
        view["picture"] = outcomes.picture(report, tell)
        view["instead"] = instead.section(report, tell)
        view["steps"] = rest.steps(report, tell)
    if settled(report["outcomes"]):
        view["groups"] = {"tables": groups.tables(report, tell)}
        view["cliff"] = cliff.section(report, tell)
        view["fix"] = fix.fix(report, tell)
        view["levers"] = rest.levers(report, tell)
    view["warnings"] = {"notes": notes} if notes else None
    view["left"] = rest.left(report, tell)
    view["method"] = rest.method(report, tell)
    for name, part in view.items():
        if part is not None:
            part.setdefault("heading", say(f"{name}.heading") if "heading" not in part else None)
    return view


def policy(css: str) -> str:
    """The content security policy that allows this page's own style sheet and nothing else."""
    digest = base64.b64encode(hashlib.sha256(css.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@lru_cache
def stylesheet() -> str:
    """The style sheet as it stands in the page."""
    path = files("overdeliver.audit") / "page" / "style.css"
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")


@lru_cache
def environment() -> Environment:
    """Templates with escaping on and with an error for every name that is not there."""
    return Environment(
        loader=PackageLoader("overdeliver.audit.page", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
