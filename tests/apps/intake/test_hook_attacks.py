"""Calls made to hurt: a plain no, whatever their headers and bodies hold, and nothing is kept."""

import base64
import gzip
import hashlib
import hmac
import json
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overdeliver.apps.business.models import Business
from overdeliver.apps.intake import sources
from overdeliver.apps.intake.models import Received, Source
from tests.figures import figure

from .test_hooks import SECRET, post, shopify_order, signature, woo_order

KINDS = ("shopify", "woocommerce", "generic")
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
TILL = "whsec_c2VjcmV0IG9mIHRoZSB0aWxsIG9mIHRoZSBzaG9w"
PLACED = {"type": "order.placed", "data": {"order": "A-1", "placed_at": "2026-03-05T10:00:00Z"}}
BODIES = {
    "shopify": json.dumps(shopify_order()).encode(),
    "woocommerce": json.dumps(woo_order()).encode(),
    "generic": json.dumps(PLACED).encode(),
}
#: The headers in which each kind signs, and what else is read of a call.
SIGNED_IN = {
    "shopify": ("X-Shopify-Hmac-Sha256",),
    "woocommerce": ("X-WC-Webhook-Signature",),
    "generic": ("webhook-id", "webhook-timestamp", "webhook-signature"),
}
READ = ("X-Shopify-Topic", "X-Shopify-Webhook-Id", "Shopify-Event-Id", "X-WC-Webhook-Topic")


def connected(kind: str) -> str:
    return sources.add(kind, "Shop", secret=TILL if kind == "generic" else SECRET)[0]


def signs(kind: str, body: bytes, at: datetime | None = None, secret: str = "") -> dict[str, str]:
    """The headers of a call that is as it should be."""
    if kind != "generic":
        topic = "X-Shopify-Topic" if kind == "shopify" else "X-WC-Webhook-Topic"
        named = "orders/create" if kind == "shopify" else "order.created"
        return {SIGNED_IN[kind][0]: signature(body, secret or SECRET), topic: named}
    moment = (at or datetime.now(UTC)).replace(microsecond=0)
    sign = _standard(secret or TILL, moment, body)
    stamp = str(int(moment.timestamp()))
    return {"webhook-id": "m-1", "webhook-timestamp": stamp, "webhook-signature": sign}


def _standard(secret: str, moment: datetime, body: bytes) -> str:
    """As the library signs, which takes no bytes that are no text."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    told = f"m-1.{int(moment.timestamp())}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()}"


@pytest.mark.parametrize(("seconds", "status"), [(299, 200), (301, 401), (-299, 200), (-301, 401)])
def test_a_call_is_good_for_five_minutes_before_and_after(
    shop: Business, seconds: int, status: int
) -> None:
    slug, body = connected("generic"), BODIES["generic"]
    with time_machine.travel(NOON, tick=False):
        headers = signs("generic", body, NOON - timedelta(seconds=seconds))
        assert post(slug, body, headers).status_code == status
    assert Received.objects.count() == (status == 200)


#: What a header may be turned into; it is given what should stand there.
TURNED: Mapping[str, Callable[[str], str | None]] = {
    "missing": lambda good: None,
    "empty": lambda good: "",
    "blank": lambda good: " \t ",
    "doubled": lambda good: f"{good},{good}",  # as a server joins two of one name
    "doubled with a blank": lambda good: f"{good}, {good}",
    "64 kB": lambda good: good + "x" * 65_536,
    "64 kB of commas": lambda good: "," * 65_536,
    "not ASCII": lambda good: f"{good}é",
    "without comma": lambda good: good.replace(",", "") or "v1",
    "two commas": lambda good: good.replace(",", ",,") + ",",
    "no base64": lambda good: good[:-4] + "!!!!",
    "half of it": lambda good: good[: len(good) // 2],
    "another version": lambda good: good.replace("v1,", "v9,") + "v9",
    "a number": lambda good: "1e400",
    "below 0": lambda good: "-1",
    "endless": lambda good: "inf",
    "no number": lambda good: "nan",
    "code 0": lambda good: f"\0{good}",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("turn", TURNED)
def test_a_header_made_to_hurt_is_a_plain_no(shop: Business, kind: str, turn: str) -> None:
    slug, body = connected(kind), BODIES[kind]
    for name in SIGNED_IN[kind]:
        good = signs(kind, body)
        turned = TURNED[turn](good[name])
        if turned == good[name]:
            continue  # a number of a call has no comma to leave out
        headers = {k: v for k, v in good.items() if k != name}
        if turned is not None:
            headers[name] = turned
        assert post(slug, body, headers).status_code in (400, 401), name
    assert not Received.objects.exists()
    assert post(slug, body, signs(kind, body)).status_code == 200


_ANY = st.one_of(
    st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=80),
    st.sampled_from(["", ",", "v1,", "v1", "v1,AA v1,BB", "x" * 65_536, "9" * 400, "\0", "%00"]),
)


@given(
    kind=st.sampled_from(KINDS),
    headers=st.dictionaries(
        st.sampled_from([*READ, *(name for names in SIGNED_IN.values() for name in names)]), _ANY
    ),
    body=st.one_of(st.binary(max_size=60), st.sampled_from(list(BODIES.values()))),
    fresh=st.booleans(),
)
@settings(
    max_examples=figure(100, 10_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_unsigned_call_gets_in_or_breaks_anything(
    shop: Business, kind: str, headers: dict[str, str], body: bytes, fresh: bool
) -> None:
    row = Source.objects.filter(kind=kind).first()
    slug = row.slug if row else connected(kind)
    if fresh:
        headers["webhook-timestamp"] = str(int(datetime.now(UTC).timestamp()))
    assert post(slug, body, headers).status_code in (400, 401)
    assert not Received.objects.exists()


@pytest.mark.parametrize("kind", ["shopify", "woocommerce"])
@pytest.mark.parametrize("value", ["\0", "a\0b", "é" * 300, "x" * 65_536, "orders/paid, x"])
def test_what_is_not_signed_of_a_good_call_breaks_nothing(
    shop: Business, kind: str, value: str
) -> None:
    slug, body = connected(kind), BODIES[kind]
    for name in READ:
        headers = {**signs(kind, body), name: value}
        assert post(slug, body, headers).status_code == 200, name
    assert all("\0" not in row.topic + row.key for row in Received.objects.all())


#: The same order in other bytes: what was signed is the bytes.
CHANGED: Mapping[str, Callable[[bytes], bytes]] = {
    "written anew": lambda body: json.dumps(json.loads(body), separators=(",", ":")).encode(),
    "in another order": lambda body: json.dumps(json.loads(body), sort_keys=True).encode(),
    "a byte changed": lambda body: body[:-2] + bytes([body[-2] ^ 1]) + body[-1:],
    "a byte more": lambda body: body + b"\n",
    "a byte less": lambda body: body[:-1],
    "with a mark of order": lambda body: b"\xef\xbb\xbf" + body,
    "UTF-16": lambda body: body.decode().encode("utf-16"),
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "nothing": lambda body: b"",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", CHANGED)
def test_other_bytes_than_were_signed_are_refused(shop: Business, kind: str, change: str) -> None:
    slug, body = connected(kind), BODIES[kind]
    other = CHANGED[change](body)
    assert other != body
    assert post(slug, other, signs(kind, body)).status_code == 401
    packed = {**signs(kind, body), "Content-Encoding": "gzip"}
    assert post(slug, other, packed).status_code == 401
    assert not Received.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("change", ["with a mark of order", "UTF-16", "gzip", "deflate", "nothing"])
def test_signed_bytes_that_are_no_plain_json_are_refused(
    shop: Business, kind: str, change: str
) -> None:
    slug, other = connected(kind), CHANGED[change](BODIES[kind])
    # The library that checks Standard Webhooks takes what is no UTF-8 for unsigned.
    assert post(slug, other, signs(kind, other)).status_code in (400, 401)
    assert not Received.objects.exists()


NONSENSE: Mapping[str, bytes] = {
    "65 levels": b'{"a":' * 65 + b"1" + b"}" * 65,
    "1,000 levels": b'{"a":' * 1_000 + b"1" + b"}" * 1_000,
    "100,000 levels": b"[" * 100_000,
    "a name twice": b'{"id": 1, "id": 2}',
    "a name twice, deep inside": b'{"a": [{"id": 1, "id": 2}]}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "1e400": b'{"a": 1e400}',
    "5,000 digits": b'{"a": ' + b"9" * 5_000 + b"}",
    "half a character": b'{"a": "\\ud800"}',
    "half a character as a name": b'{"\\udfff": 1}',
    "code 0": b'{"a": "\\u0000"}',
    "code 0 as it is": b'{"a": "\0"}',
    "a list": b"[]",
    "a number": b"1",
    "half of it": b'{"a": ',
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", NONSENSE)
def test_signed_nonsense_is_refused_at_the_door(shop: Business, kind: str, body: str) -> None:
    told = NONSENSE[body]
    assert post(connected(kind), told, signs(kind, told)).status_code == 400
    assert not Received.objects.exists()


def padded(size: int) -> bytes:
    empty = len(json.dumps({"type": "order.placed", "a": ""}))
    return json.dumps({"type": "order.placed", "a": "x" * (size - empty)}).encode()


@pytest.mark.parametrize("kind", KINDS)
def test_a_megabyte_is_read_and_more_is_refused_before_it_is_looked_at(
    shop: Business, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug, fits = connected(kind), padded(1_000_000)
    assert len(fits) == sources.LARGEST
    assert post(slug, fits, signs(kind, fits)).status_code == 200

    def never(*_: Any) -> Any:
        raise AssertionError("it was looked at")

    monkeypatch.setattr(sources, "strict", never)
    monkeypatch.setattr(sources, "signed", never)
    for size in (1_000_001, 6_000_000):
        large = padded(size)
        assert post(slug, large, signs(kind, large)).status_code == 413
    assert Received.objects.count() == 1


def test_an_address_nobody_has_is_refused_like_a_wrong_signature(shop: Business) -> None:
    body = BODIES["shopify"]
    wrong = post(connected("shopify"), body, signs("shopify", b"other"))
    for slug in ("nobody", "nobody%00", "%D1%8F", "x" * 300):
        answer = post(slug, body, signs("shopify", body))
        assert answer.status_code in (401, 404), slug
        if slug == "nobody":
            assert (answer.status_code, answer.content) == (wrong.status_code, wrong.content)
    assert not Received.objects.exists()


def test_of_two_deliveries_in_a_second_each_is_taken_and_each_once(shop: Business) -> None:
    slug = connected("woocommerce")
    delivery = {"X-WC-Webhook-Delivery-ID": hashlib.md5(b"the same second").hexdigest()}
    bodies = [json.dumps(woo_order(status=one)).encode() for one in ("processing", "completed")]
    for body in (*bodies, *bodies):
        answer = post(slug, body, {**signs("woocommerce", body), **delivery})
        assert answer.status_code == 200
    assert [row.body.encode() for row in Received.objects.order_by("pk")] == bodies


@pytest.mark.parametrize("kind", KINDS)
def test_while_a_secret_is_renewed_no_call_is_refused_for_a_day(shop: Business, kind: str) -> None:
    slug = connected(kind)
    first = Source.objects.get().secret

    def taken(secret: str, number: int) -> bool:
        body = json.dumps({"type": "x", "n": number}).encode()
        headers = signs(kind, body, secret=secret)
        return bool(post(slug, body, headers).status_code == 200)

    with time_machine.travel(NOON, tick=False) as clock:
        second = sources.renew(slug)
        clock.move_to(NOON + timedelta(hours=12))
        third = sources.renew(slug)  # the one before was lost: it is shown once
        assert all(taken(one, n) for n, one in enumerate((first, second, third)))
        clock.move_to(NOON + timedelta(hours=23, minutes=59))
        assert all(taken(one, 10 + n) for n, one in enumerate((first, second, third)))
        clock.move_to(NOON + timedelta(hours=24, seconds=1))
        assert [taken(one, 20 + n) for n, one in enumerate((first, second, third))] == [
            False,
            True,
            True,
        ]
        clock.move_to(NOON + timedelta(hours=36, seconds=1))
        assert [taken(one, 30 + n) for n, one in enumerate((first, second, third))] == [
            False,
            False,
            True,
        ]
