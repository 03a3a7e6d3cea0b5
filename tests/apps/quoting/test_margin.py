"""The solver through its page: the fixtures of the literature, and what a slider says."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client
from scipy import stats

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.models import Service
from overdeliver.apps.quoting.margin_view import margin_of
from overdeliver.apps.quoting.margins import weigh
from overdeliver.apps.quoting.models import LearnedModel
from overdeliver.apps.quoting.outlook import outlook
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from tests.apps.quoting.conftest import Simulated

Door = Callable[[str], Client]
DAYS = stats.gamma(9, scale=5 / 9)
SPREAD = [float(x) for x in DAYS.ppf((np.arange(400) + 0.5) / 400)]


@pytest.fixture
def gamma(learned: Simulated) -> str:
    """A service whose outcomes are those of the literature: T ~ Gamma(9, 5/9), mean five days."""
    row = LearnedModel.objects.get()
    row.metrics = {**row.metrics, "spread": SPREAD, "outcomes": 5000, "own": None}
    row.save()
    Service.objects.filter(slug="sim").update(whole=False)
    return "sim"


CASES = [
    (0.0073, 2, 6.75, 0.856),
    (0.0051, 2, 7.20, 0.900),
    (0.0073, 5, 7.85, 0.943),
    (0.02, 5, 6.65, 0.844),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("elasticity", "late", "promise", "level"), CASES)
def test_the_best_promise_with_lost_orders(
    gamma: str, signed_in: Door, elasticity: float, late: float, promise: float, level: float
) -> None:
    asked = {
        "unit_margin": "40",
        "late_cost": str(late),
        "elasticity_percent": str(elasticity * 100),
        "exact": "12",
    }
    found = margin_of(outlook(gamma), asked)["found"]
    assert found.best.promise == pytest.approx(promise, abs=0.03)
    assert found.best.kept == pytest.approx(level, abs=0.005)
    page = signed_in("analyst").get(f"/quoting/of/{gamma}/margin", asked).content.decode()
    assert "for safety" in page and f"{promise:.1f}"[:3] in page  # twelve days are too long
    assert re.search(r"You pay [^ ]*\d", page)


@pytest.mark.django_db
@pytest.mark.parametrize(("late", "early", "level"), [(3, 1, 0.75), (9, 1, 0.9), (19, 1, 0.95)])
def test_the_plain_margin_of_two_prices(
    gamma: str, signed_in: Door, late: int, early: int, level: float
) -> None:
    asked = {"late_cost": str(late), "early_cost": str(early)}
    page = signed_in("analyst").get(f"/quoting/of/{gamma}/margin", asked).content.decode()
    assert f"it keeps {level:.0%}" in page
    found = margin_of(outlook(gamma), asked)["found"]
    assert found.best.promise == pytest.approx(DAYS.ppf(level), abs=0.05)


@pytest.mark.django_db
def test_the_slider_shows_what_a_promise_keeps_and_one_more_and_one_less(gamma: str) -> None:
    found = margin_of(outlook(gamma), {"promise": "6"})["found"]
    assert found.chosen.kept == pytest.approx(DAYS.cdf(6), abs=0.005)
    assert found.more.kept > found.chosen.kept > found.less.kept
    assert found.lacking == "margin" and found.best is None


def test_money_of_one_more_day_agrees_with_the_formula() -> None:
    prices = {"unit_margin": 40.0, "late_cost": 2.0, "late_penalty": 0.0, "grace": 0.0,
              "elasticity": 0.0073}  # fmt: skip
    found = weigh(SPREAD, prices, promise=6.0, unit="days", whole=True, outcomes=5000)
    late = float(np.maximum(np.array(SPREAD) - 7, 0).mean())
    assert found.more.profit == pytest.approx(np.exp(-0.0073) * (40 - 2 * late), rel=1e-9)


@pytest.mark.django_db
def test_prices_are_kept_as_a_version_of_the_policy(gamma: str, signed_in: Door) -> None:
    browser = signed_in("manager")
    answer = browser.post(f"/quoting/of/{gamma}/prices", {"unit_margin": "12,5", "late_cost": "2"})
    assert answer.status_code == 302
    policy = business.policy(PromisingPolicy)
    assert policy.version == 2 and policy.prices_of(gamma)["unit_margin"] == 12.5
    assert 'value="12.5"' in browser.get(f"/quoting/of/{gamma}/").content.decode()
    assert signed_in("analyst").post(f"/quoting/of/{gamma}/prices", {}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["-3", "many", "1e99", "nan"])
def test_a_price_that_is_none_is_said_at_the_form(gamma: str, signed_in: Door, wrong: str) -> None:
    browser = signed_in("manager")
    page = browser.get(f"/quoting/of/{gamma}/margin", {"unit_margin": wrong})
    assert page.status_code == 200 and 'role="alert"' in page.content.decode()
    kept = browser.post(f"/quoting/of/{gamma}/prices", {"unit_margin": wrong})
    assert kept.status_code == 422
    assert business.policy(PromisingPolicy).version == 1
