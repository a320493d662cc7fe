"""What axe, a checker of accessibility, has to say of a page."""

from pathlib import Path

import axe_playwright_python

SCRIPT = Path(axe_playwright_python.__file__).parent / "axe.min.js"


def complaints(page):
    """Violated rules, each with the first element that violates it."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=SCRIPT)
    result = page.evaluate("axe.run()")
    assert len(result["passes"]) > 15
    return [(each["id"], each["nodes"][0]["html"]) for each in result["violations"]]
