"""How the documents are built: Sphinx, MyST and furo; nothing is fetched, here or there."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools.reference import write_reference  # noqa: E402 - found only after the line above

project = "overdeliver"
copyright = "The overdeliver authors, Apache-2.0"  # noqa: A001 - the name Sphinx reads
extensions = ["myst_parser"]
myst_enable_extensions = ["deflist", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "overdeliver"
html_static_path = ["_static"]
html_css_files = ["plain.css"]
html_show_sphinx = False
html_copy_source = False
nitpicky = True

write_reference(ROOT)
