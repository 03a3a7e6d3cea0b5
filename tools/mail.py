"""Make the frame of mails from its MJML: `python tools/mail.py` (needs the group "test")."""

from pathlib import Path

from mjml import mjml2html

LETTERS = Path(__file__).resolve().parents[1] / "src/overdeliver/apps/outreach/letters"


def frame() -> str:
    """The HTML of the frame; its places are {subject}, {language}, {business}, {words}, {foot}."""
    made = mjml2html((LETTERS / "mail.mjml").read_text("utf-8"))
    return str(made).replace('lang="und"', 'lang="{language}"')


if __name__ == "__main__":
    (LETTERS / "mail.html").write_text(frame(), "utf-8")
