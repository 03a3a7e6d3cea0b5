"""A limit is one limit, however many web processes there are."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from overdeliver.apps.look import missed
from overdeliver.apps.people import key_auth
from tests.faults.test_killed import SHOP
from tests.processes import Installation

pytestmark = pytest.mark.one_database


def test_two_web_processes_share_their_limits(shop: Installation) -> None:
    shop.python(SHOP)
    shop.web(2)
    with ThreadPoolExecutor(16) as callers:
        codes = list(callers.map(lambda _: shop.call("/me", key="od_none")[0], range(60)))
    passed = codes.count(401)
    assert passed + codes.count(429) == 60
    assert key_auth.WRONG_MOST <= passed <= key_auth.WRONG_MOST + 2, "the bucket gains meanwhile"
    with ThreadPoolExecutor(16) as callers:
        codes = list(callers.map(lambda n: shop.get(f"/s/guess-{n}/")[0], range(60)))
    assert (codes.count(404), codes.count(429)) == (missed.MISSES, 60 - missed.MISSES)
