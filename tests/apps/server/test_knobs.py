"""How the server is set: what is wrong is said by name, before anything starts."""

from pathlib import Path

import pytest

from overdeliver.server import knobs
from overdeliver.vocabulary.errors import InputError


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("THREADS", "many", "a whole number"),
        ("THREADS", "-1", "a whole number"),
        ("DEMO", "perhaps", "yes or no"),
        ("LOG", "xml", "text or json"),
        ("URL", "promises.example.org", "an address such as"),
        ("URL", "https://example.org/promises", "without a path"),
    ],
)
def test_a_wrong_value_is_said_with_its_name(name: str, value: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        knobs.read({f"OVERDELIVER_{name}": value})
    assert f"OVERDELIVER_{name}=" in str(refused.value)


def test_a_misspelt_name_is_not_passed_over() -> None:
    with pytest.raises(InputError, match="OVERDELIVER_THREAD: no such setting"):
        knobs.read({"OVERDELIVER_THREAD": "8", "HOME": "/root"})


def test_what_is_given_is_read_and_the_rest_has_its_default() -> None:
    found = knobs.read(
        {
            "OVERDELIVER_HOSTS": "a.example, b.example,",
            "OVERDELIVER_DEMO": "YES",
            "OVERDELIVER_URL": "https://promises.example.org/",
            "OVERDELIVER_LOG": "json",
        }
    )
    assert found["hosts"] == ["a.example", "b.example"]
    assert (found["demo"], found["log"], found["processes"]) == (True, "json", 2)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t-1\n")
    name = "OVERDELIVER_METRICS_TOKEN_FILE"
    assert knobs.read({name: str(tmp_path / "token")})["metrics_token"] == "t-1"
    with pytest.raises(InputError, match="cannot be read"):
        knobs.read({name: str(tmp_path / "none")})


@pytest.mark.parametrize("url", ["mysql://u:p@h/shop", "postgresql://host", "shop"])
def test_a_database_must_be_one_that_is_known(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must look like postgresql://"):
        knobs.database(url, tmp_path)


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://"])
def test_a_mail_server_must_be_one(url: str) -> None:
    with pytest.raises(InputError, match="must look like smtp://"):
        knobs.mail(url)


def test_mail_over_tls_from_the_start_has_its_own_port() -> None:
    found = knobs.mail("smtps://me%40shop:p%2Fw@mail.example.org")
    assert (found["EMAIL_PORT"], found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (
        465,
        True,
        False,
    )
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("me@shop", "p/w")


def test_the_secret_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = knobs.secret("", folder)
    assert len(first) >= 50 and knobs.secret("", folder) == first
    assert (folder / "secret-key").stat().st_mode & 0o077 == 0
    assert knobs.secret("given", folder) == "given"


def test_whoever_is_slower_at_the_first_start_takes_the_secret_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret-key").write_text("the first one's")
    there = Path.exists
    monkeypatch.setattr(Path, "exists", lambda self: self.name != "secret-key" and there(self))
    assert knobs.secret("", tmp_path) == "the first one's"
