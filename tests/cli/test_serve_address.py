"""Links name the door that is open, unless another address was set."""

import pytest

from overdeliver.cli.serving import _address


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "http://127.0.0.1:8020"), ("0.0.0.0", "http://127.0.0.1:8020"),
     ("192.168.1.5", "http://192.168.1.5:8020")],
)  # fmt: skip
def test_without_an_address_it_is_the_door_itself(
    host: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OVERDELIVER_URL", raising=False)
    assert _address(host, 8020) == {"url": address}


def test_an_address_that_was_set_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERDELIVER_URL", "https://promises.example.org")
    assert _address("127.0.0.1", 8020) == {}
