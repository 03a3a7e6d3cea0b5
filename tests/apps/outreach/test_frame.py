"""The frame of mails is what its source makes, and loads nothing."""

from tools.mail import LETTERS, frame


def test_the_frame_is_made_from_its_source() -> None:
    assert (LETTERS / "mail.html").read_text("utf-8") == frame()


def test_the_frame_has_each_place_and_loads_nothing() -> None:
    made = frame()
    for place in ("subject", "language", "business", "words", "foot"):
        assert f"{{{place}}}" in made
    assert not any(one in made for one in ("src=", "@import", "url(", "<link", "<script"))
