"""The log helps whoever keeps the server, and says nothing about anybody."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client, RequestFactory, override_settings

from overdeliver.server.arrival import caller
from overdeliver.server.logs import Impersonal, Json, Plain

HOSTILE = (
    "Анна Петрова",
    'Қуаныш "Әбді"\n{"level": "error"}',
    "anna.petrova+shop@example.org",
    "+7 701 123 45 67",
    "\x1b[31mred\x07",
)


@pytest.fixture
def log() -> Iterator[Callable[..., str]]:
    """A logger as the server sets it up; what it wrote since, in the form asked for."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(Impersonal())
    logger = logging.getLogger("overdeliver.test")
    logger.addHandler(handler)
    logger.propagate = False

    def of(form: logging.Formatter, write: Callable[[logging.Logger], None]) -> str:
        handler.setFormatter(form)
        written.truncate(0)
        written.seek(0)
        write(logger)
        return written.getvalue()

    yield of
    logger.removeHandler(handler)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("form", [Json(), Plain()])
def test_the_text_of_an_error_is_not_written_down(
    log: Callable[..., str], name: str, form: logging.Formatter
) -> None:
    def fails(logger: logging.Logger) -> None:
        try:
            raise IntegrityError(f"Key (name)=({name}) already exists")
        except IntegrityError:
            logger.exception("storing failed")

    found = log(form, fails)
    assert name not in found
    assert "Key" not in found
    assert "IntegrityError" in found
    assert "test_logs.py" in found and "fails" in found


def test_an_error_of_the_machine_speaks(log: Callable[..., str]) -> None:
    def fails(logger: logging.Logger) -> None:
        try:
            raise OperationalError("database or disk is full")
        except OperationalError:
            logger.exception("storing failed")

    assert "disk is full" in log(Json(), fails)


def test_one_record_is_one_line_whatever_is_in_it(log: Callable[..., str]) -> None:
    for name in HOSTILE:
        found = log(Plain(), lambda logger, name=name: logger.warning("about %s", name))
        assert found.count("\n") == 1
        assert "\x1b" not in found
        said = log(Json(), lambda logger, name=name: logger.warning("about %s", name))
        assert json.loads(said)["logger"] == "overdeliver.test"


@pytest.mark.parametrize(
    "said",
    [
        "from anna@example.org",
        "call +7 701 123 45 67",
        "GET /s/abcdefghijklmnopqrst",
        "od_abcdefgh1",
    ],
)
def test_addresses_numbers_and_tokens_are_blanked(log: Callable[..., str], said: str) -> None:
    found = log(Json(), lambda logger: logger.warning(said))
    assert said not in found
    assert "<" in json.loads(found)["message"]


@pytest.mark.django_db
def test_a_page_not_found_is_logged_without_its_path(
    shop: object, signed_in: Callable[[str], Client], log: Callable[..., str]
) -> None:
    client = signed_in("owner")
    source = logging.getLogger("django.request")
    records: list[logging.LogRecord] = []
    keeper = logging.Handler()
    keeper.emit = records.append  # type: ignore[method-assign]
    source.addHandler(keeper)
    try:
        answer = client.get("/customers/Анна Петрова/")
    finally:
        source.removeHandler(keeper)
    assert answer.status_code == 404
    assert records
    found = "".join(log(Json(), lambda logger, one=one: logger.handle(one)) for one in records)
    assert "Анна" not in found and "%D0" not in found
    assert "customers" in found


@pytest.mark.django_db
def test_every_answer_carries_its_number(client: Client) -> None:
    first, second = client.get("/healthz"), client.get("/healthz")
    assert len(first["X-Request-ID"]) == 16
    assert first["X-Request-ID"] != second["X-Request-ID"]
    problem = client.get("/api/v1/promises")
    assert problem.json()["instance"].endswith(problem["X-Request-ID"])


@pytest.mark.django_db
def test_only_a_trusted_proxy_may_give_the_number(client: Client) -> None:
    given = {"x-request-id": "from-the-proxy-1"}
    assert client.get("/healthz", headers=given)["X-Request-ID"] != "from-the-proxy-1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "1.2.3.4", "10.0.0.9"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),  # what stands before was written by anybody
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.9"),
        (1, "nonsense", "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_who_called(proxies: int, forwarded: str, seen: str) -> None:
    asked = RequestFactory().get("/", headers={"x-forwarded-for": forwarded})
    asked.META["REMOTE_ADDR"] = "10.0.0.9"
    assert caller(asked, proxies) == seen


@override_settings()
def test_no_line_is_lost_by_arguments_that_do_not_fit(log: Callable[..., str]) -> None:
    assert "50%" in log(Json(), lambda logger: logger.warning("50%% of %d", 3))
