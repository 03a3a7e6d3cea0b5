"""Tags and filters of every template: escaped, in the reader's language, honest about nothing."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from overdeliver.apps.look.templatetags.look import browser_name
from overdeliver.apps.look.words import word, word_in


def shown(template: str, language: str = "en", path: str = "/promises/", **values: Any) -> str:
    values["request"] = RequestFactory().get(path)
    with translation.override(language), timezone.override("Asia/Almaty"):
        return Template(template).render(Context(values))


def test_what_is_filled_into_a_word_is_escaped() -> None:
    page = shown('{% word "desk.act.done_about" name=name %}', name="<script>")
    assert page == "Done: &lt;script&gt;"
    letter = shown(
        "{% autoescape off %}{% plain_word 'desk.act.done_about' name=name %}{% endautoescape %}",
        name="Bolts & Nuts",
    )
    assert letter == "Done: Bolts & Nuts"


def test_a_word_of_data_is_said_or_shown_escaped() -> None:
    assert shown("{{ key|said }}", key="look.verdict.met") == "met"
    assert shown("{{ key|said }}", key="look.<b>") == "look.&lt;b&gt;"
    assert shown("{{ name|event_word }}", name="nowhere.some_thing") == "nowhere.event.some_thing"


def test_a_key_that_nobody_has_is_an_error() -> None:
    with pytest.raises(KeyError):
        word("look.verdict.splendid")
    with pytest.raises(KeyError):
        word("nowhere.verdict")


def test_a_verdict_is_colour_shape_and_word() -> None:
    tag = shown('{% verdict "broken" %}', "kk")
    assert (
        'class="tag broken"' in tag and "▼" in tag and word_in("kk", "look.verdict.broken") in tag
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "1,234.5|91%|€1,200|3 days|6–14%"),
        ("ru", "1\xa0234,5|91\xa0%|1\xa0200\xa0€|3 дня|6–14\xa0%"),
        ("pt", "1.234,5|91%|€\xa01.200|3 dias|6–14%"),
    ],
)
def test_numbers_are_written_as_the_reader_writes_them(language: str, expected: str) -> None:
    found = shown(
        "{{ n|number:1 }}|{{ s|share }}|{{ m|money:'EUR' }}|{{ d|in_unit:'days' }}|"
        "{% share_interval 0.064 0.139 %}",
        language,
        n=1234.5,
        s=0.912,
        m=Decimal("1200.4"),
        d=3,
    )
    assert found == expected


def test_nothing_known_is_a_dash_never_a_nought() -> None:
    found = shown(
        "{{ x|number }}{{ x|share }}{{ x|money:'EUR' }}{{ x|in_unit:'days' }}{{ x|moment }}", x=None
    )
    assert found == "–––––"


def test_a_moment_is_told_by_the_clocks_of_the_business() -> None:
    moment = datetime(2020, 3, 5, 20, 30, tzinfo=UTC)  # the sixth, in Almaty (then +06:00)
    assert shown("{{ m|moment }}", m=moment) == "6 March 2020, 02:30"
    assert shown("{{ m|iso }}", m=moment) == "2020-03-05T20:30+00:00"


@pytest.mark.parametrize(
    ("path", "changes", "expected"),
    [
        ("/promises/?q=a&verdict=met", "after='x y'", "?q=a&amp;verdict=met&amp;after=x+y"),
        ("/promises/?q=a&verdict=met", "verdict=None", "?q=a"),
        ("/promises/?q=a", "q=''", "/promises/"),
        ("/promises/?q=%3Cb%3E", "within=30", "?q=%3Cb%3E&amp;within=30"),
    ],
)
def test_a_link_keeps_what_was_asked(path: str, changes: str, expected: str) -> None:
    assert shown(f"{{% link_with {changes} as to %}}{{{{ to }}}}", path=path) == expected


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8.0", "curl/8.0"),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_two_words(agent: str, name: str) -> None:
    assert browser_name(agent) == name


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (19.96, "minutes", "20 минут"),
        (1.02, "days", "1 день"),
        (1.5, "days", "1,5 дня"),
        (-2.0, "hours", "−2 часа"),
        (0.04, "hours", "0,04 часа"),
        (120.4, "minutes", "120 минут"),
    ],
)
def test_a_noun_agrees_with_the_number_as_it_is_written(
    value: float, unit: str, expected: str
) -> None:
    assert shown("{{ v|in_unit:u }}", "ru", v=value, u=unit) == expected
