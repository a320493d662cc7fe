"""Configuration of the site: `make docs` builds it into docs/_build/html."""

import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = str(ROOT)  # of the notebooks

project = "Active learning, measured"
copyright = "the contributors"  # noqa: A001 - Sphinx's name
extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
]
exclude_patterns = ["_build"]
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
myst_links_external_new_tab = False

# Every notebook is executed at every build: a page cannot show what the code no longer does.
nb_execution_mode = "force"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True

autodoc_default_options = {"exclude-members": "KIND, model_config"}  # the same in all plug-ins
autodoc_typehints = "none"  # numpydoc sections say it in words
autosummary_generate = True
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "pydata_sphinx_theme"
html_title = "Active learning, measured"
html_static_path = ["_static"]
html_css_files = ["narrow.css"]
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "logo": {"text": "Active learning"},  # the whole title is wider than a phone
    "navbar_align": "left",
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "show_prev_next": True,
}


def setup(app: Any) -> None:
    """Let links to CONTRIBUTING.md, which GitHub wants in the root, lead to the site's page."""
    app.connect("source-read", _link_to_contributing)


def _link_to_contributing(_app: Any, _page: str, source: list[str]) -> None:
    source[0] = source[0].replace("](../CONTRIBUTING.md", "](contributing.md")
