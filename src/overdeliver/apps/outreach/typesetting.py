"""PDF out of a template and data: what people wrote is data to the setting program, never its
language, and no letter they write stops the others of its run.
"""

import json
from pathlib import Path
from typing import Any

import typst

#: Own fonts and an accessible file; then the machine's fonts, for letters of other scripts; at last
#: a file that shows a box where no font has the letter: whoever looks at the proof sees it.
_TRIES: tuple[dict[str, Any], ...] = (
    {"ignore_system_fonts": True, "pdf_standards": "ua-1"},
    {"ignore_system_fonts": False, "pdf_standards": "ua-1"},
    {"ignore_system_fonts": False},
)


def set_pdf(template: Path, data: dict[str, Any]) -> bytes:
    """One document (PDF/UA-1 where every letter can be shown).

    typst.TypstError: the template is wrong.
    """
    for number, ways in enumerate(_TRIES, 1):
        try:
            made = typst.compile(str(template), sys_inputs={"data": json.dumps(data)}, **ways)
        except typst.TypstError:
            if number == len(_TRIES):
                raise
            continue
        assert isinstance(made, bytes)  # one file was asked for
        return made
    raise AssertionError("there is a last try")
