"""Make `dvc plots` work offline: write its HTML template with the plotting library inlined.

The committed template, `.dvc/plots/page.html`, has DVC's placeholder for the scripts that load Vega
from a CDN. This script puts the library of the installed vl-convert into a copy of it, where the
browser is told to load nothing, and sets that copy in the local DVC configuration. `make
offline-plots` runs it.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from vl_convert import javascript_bundle

DVC_DIR = Path(__file__).resolve().parent.parent / ".dvc"
LIBRARY = "vl-convert-python"
SLOT = "{scripts}"
POLICY = """\
<meta http-equiv="Content-Security-Policy" content="
        default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';
        img-src 'self' file: data: blob:">"""
OFFLINE_PAGE = "plots/offline.html"  # DVC reads it as relative to .dvc/


def stamp(page: str) -> str:
    """First lines of the offline page, which identify its sources."""
    made_from = hashlib.sha256((Path(__file__).read_text("utf-8") + page).encode()).hexdigest()
    return f"<!DOCTYPE html>\n<!-- {LIBRARY} {version(LIBRARY)}, sources {made_from[:16]} -->\n"


def insert_library(page: str) -> str:
    """Insert the plotting library into the page, and forbid it to load anything."""
    if page.count(SLOT) != 1:
        raise ValueError(f".dvc/plots/page.html must contain {SLOT!r} exactly once.")
    bundle = javascript_bundle("window.vegaEmbed = vegaEmbed;")
    if "</script" in bundle:
        raise ValueError(f"The bundle of {LIBRARY} contains </script and cannot be inlined.")
    return page.replace(SLOT, f"{POLICY}\n    <script>\n{bundle}\n</script>")


def replace_file(path: Path, text: str) -> None:
    """Write a file atomically."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.chmod(0o644)  # mkstemp creates files that only their owner can read
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_page() -> None:
    """Write the offline page, unless it is up to date."""
    path = DVC_DIR / OFFLINE_PAGE
    page = (DVC_DIR / "plots" / "page.html").read_text("utf-8")
    head = stamp(page)
    if path.is_file():
        with path.open(encoding="utf-8") as file:
            if file.read(len(head)) == head:
                return
    replace_file(path, head + insert_library(page.removeprefix("<!DOCTYPE html>\n")))


def point_dvc_at_page() -> None:
    """Set the page in .dvc/config.local, unless the user has set one there."""
    local = DVC_DIR / "config.local"
    if local.is_file() and "html_template" in local.read_text("utf-8"):
        return
    command = [sys.executable, "-m", "dvc", "config", "--local", "plots.html_template"]
    subprocess.run([*command, OFFLINE_PAGE], cwd=DVC_DIR.parent, check=True)


def main() -> None:
    """Write the page, and only then the setting that uses it."""
    try:
        write_page()
        point_dvc_at_page()
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        sys.exit(f"offline_plots: {error}")


if __name__ == "__main__":
    main()
