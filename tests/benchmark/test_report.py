"""The report: one page that needs nothing else, and that a browser shows."""

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.image import imread

from active_learning.benchmark import leaderboard, page, sections
from active_learning.benchmark.agreement import agreement
from tests.benchmark.test_agreement import published

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
]  # fmt: skip
# Written into the title of a copy of the page: what only a browser knows.
PROBE = """<script>
addEventListener("load", () => {
const images = [...document.images];
document.title = "probe " + [
  images.length,
  images.filter(image => image.complete && image.naturalWidth > 100).length,
  images.filter(image => image.alt.length > 20).length,
  performance.getEntriesByType("resource").filter(e => !e.name.startsWith("data:")).length,
  document.documentElement.scrollWidth > innerWidth ? 1 : 0,
  [...document.querySelectorAll("nav a")].filter(a => !document.querySelector(a.hash)).length,
].join(" ");
});
</script>"""


@pytest.fixture(scope="module")
def agreed():
    cell = {"dataset": "d", "n_repeats": 100, "strategies": {"a": {"m": {"mean": 0.95, "sd": 0.1}}}}
    return agreement([cell], published("other"))


@pytest.fixture(scope="module")
def html(cells, board, transfers, agreed):
    curves = leaderboard.curve_table(cells)
    found = sections.all_sections(board, curves, transfers, agreed, "Somebody, 2023")
    return page.page("Which <strategy>?", sections.lead(board), found)


class Reader(HTMLParser):
    """Every tag, and the text of the page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_is_whole_and_needs_nothing_else(html):
    reader = Reader(html)
    assert reader.open == []
    for tag, attributes in reader.tags:
        assert tag not in {"script", "link", "iframe"}
        for name in ("src", "href"):
            assert attributes.get(name, "#").startswith(("data:image/svg+xml;base64,", "#"))
    assert "url(" not in html
    assert "Which <strategy>?" in reader.text


def test_says_what_came_out(html):
    text = " ".join(Reader(html).text.split())
    assert "8 data sets, 2 learners, 4 strategies, 12 repeats of each" in text
    assert (
        "With svm_rbf, least_confidence has the best average rank of those that choose "
        "(1.50; random 3.00): better than random on 8 of 8 data sets, worse on 0, undecided on 0"
    ) in text
    assert "Over the data sets the strategies differ (Friedman, p =" in text
    assert "0 of 1 figures agree. Not these:" in text
    assert "d, A: ours is +0.0500 away" in text
    assert text.count("= least_confidence") == 16


@pytest.mark.parametrize(
    ("rows", "n_repeats", "reason"),
    [
        ("same", 100, "Our data: n. So the splits are theirs, and it is not chance: a library has"),
        ("same", 50, "Our data: n. We took 50 seeds, they took 100. Other splits: of figures"),
        ("other", 100, "Our data: n. Other splits: of figures that agree, one in 20 is further"),
    ],
)
def test_says_why_figures_disagree(rows, n_repeats, reason):
    strategies = {"a": {"m": {"mean": 0.95, "sd": 0.1}}}
    cell = {"dataset": "d", "n_repeats": n_repeats, "strategies": strategies}
    found = agreement([cell], published(rows))
    assert not found[0]["agrees"]
    assert reason in Reader(sections.disagreements(found)).text


def test_same_input_same_page(html, cells, board, transfers, agreed):
    again = sections.all_sections(
        board, leaderboard.curve_table(cells), transfers, agreed, "Somebody, 2023"
    )
    assert page.page("Which <strategy>?", sections.lead(board), again) == html


def chromium():
    """The browser; where CI has installed one, its absence is an error."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    if os.environ.get("AL_BROWSER") == "required":
        pytest.fail("no chromium on PATH, and AL_BROWSER=required")
    return pytest.skip("no chromium on PATH")


def browse(folder, *arguments):
    """Run the browser with a profile of its own, and give what it prints."""
    done = subprocess.run(
        [chromium(), *FLAGS, f"--user-data-dir={folder / 'profile'}", *arguments],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("width", [1200, 500])
def test_a_browser_shows_it(html, tmp_path, width):
    path = tmp_path / "report.html"
    path.write_text(html.replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    size = f"--window-size={width},3000"
    dom = browse(tmp_path, size, "--virtual-time-budget=5000", "--dump-dom", path.as_uri())
    images, loaded, described, requests, wide, broken = map(
        int, re.search(r"<title>probe ([\d ]+)</title>", dom)[1].split()
    )
    assert images == loaded == described == 9
    assert (requests, wide, broken) == (0, 0, 0)

    picture = tmp_path / "report.png"
    browse(tmp_path, size, f"--screenshot={picture}", path.as_uri())
    pixels = imread(picture)[..., :3]
    assert pixels.shape == (3000, width, 3)
    # Something is written in every screenful, and the blue of what is better is there.
    for screen in np.split(pixels, 6):
        assert (screen.min(axis=2) < 0.4).mean() > 0.002
    better = np.array([0xDC, 0xEC, 0xF8]) / 255
    assert (np.abs(pixels - better).max(axis=2) < 0.01).mean() > 0.001
