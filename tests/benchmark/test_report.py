"""The report: one page that needs nothing else, and that a browser shows."""

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from jinja2 import UndefinedError
from matplotlib.image import imread

from active_learning.analysis import page
from active_learning.analysis.benchmark import leaderboard, sections
from active_learning.analysis.benchmark.agreement import agreement
from tests.benchmark.test_agreement import published

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
]  # fmt: skip
# Written into the title of a copy of the page: what only a browser knows.
PROBE = """<script>
addEventListener("load", () => {
const figures = [...document.querySelectorAll("figure svg")];
document.title = "probe " + [
  figures.length,
  figures.filter(figure => figure.getBoundingClientRect().width > 100).length,
  figures.filter(figure => figure.closest("[role=img]").ariaLabel.length > 20).length,
  performance.getEntriesByType("resource").filter(e => !e.name.startsWith("data:")).length,
  document.documentElement.scrollWidth > innerWidth ? 1 : 0,
].join(" ");
});
</script>"""


def compared(rows="other", n_repeats=100):
    strategies = {"a": {"m": {"mean": 0.95, "sd": 0.1}}}
    cell = {"dataset": "d", "n_repeats": n_repeats, "strategies": strategies}
    return agreement([cell], published(rows))


@pytest.fixture(scope="module")
def content(cells, board, transfers):
    curves = leaderboard.curve_table(cells)
    return sections.content(board, curves, transfers, compared(), "Somebody, 2023")


def render(content):
    return page.render("benchmark.html.j2", title="Which <strategy>?", **content)


class Reader(HTMLParser):
    """Every tag, and the text of the page with single spaces."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self.open = [], "", []
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "wbr"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_is_whole_and_needs_nothing_else(content):
    html = render(content)
    reader = Reader(html)
    assert reader.open == []
    for tag, attributes in reader.tags:
        assert tag not in {"script", "link", "iframe", "img"}
        for name in ("src", "href", "xlink:href"):
            assert attributes.get(name, "#").startswith(("data:image/png;base64,", "#"))
    assert set(re.findall(r"url\(.", html)) == {"url(#"}
    assert "@import" not in html


def test_links_lead_to_every_section(content):
    tags = Reader(render(content)).tags
    links = [attributes["href"] for tag, attributes in tags if tag == "a"]
    assert links == [f"#{attributes['id']}" for tag, attributes in tags if tag == "section"]
    assert len(links) == 9


def test_says_what_came_out(content):
    text = Reader(render(content)).text
    best = "least_confidence has the best average rank of the strategies other than random"
    for part in (
        "8 data sets, 2 learners, 4 strategies, 12 repeats of each",
        f"With svm_rbf, {best} (1.50; random 3.00): better than random on 8 of 8 data sets, worse",
        "data sets, worse on 0, undecided on 0",
        "Over the data sets the strategies differ (Friedman, p =",
        "0 of 1 figures agree. The others: d, A: ours differs by +0.0500",
        "with its 95% interval",
        "correction for 6 pairs",
    ):
        assert part in text
    assert text.count("= least_confidence") == 16


def test_what_there_is_not_is_left_out(content):
    less = {"transfer": None, "agreement": None, "learners": content["learners"][:1]}
    text = Reader(render(content | less)).text
    assert "8 data sets, 1 learner, 4 strategies, 12 repeats" in text
    assert "With a single learner there is nothing to compare." in text
    assert "published" not in text


def test_names_are_escaped(content):
    bad = '<b a="&">'
    scores = pd.DataFrame({bad: [bad, page.Cell(bad, bad)]}, index=pd.Index([bad, ""], name=bad))
    learner = content["learners"][0] | {"name": bad, "scores": scores}
    reader = Reader(render(content | {"learners": [learner]}))
    assert "b" not in {tag for tag, _ in reader.tags}
    assert f"labelled. {6 * f'{bad} '}Ranks" in reader.text
    assert f"Label savings with {bad}" in [tag.get("aria-label") for _, tag in reader.tags]


def test_a_missing_value_is_an_error(content):
    with pytest.raises(UndefinedError, match="board"):
        render({name: content[name] for name in content if name != "board"})


@pytest.mark.parametrize(
    ("rows", "n_repeats", "reason"),
    [
        ("same", 100, "Our data: n. The splits are theirs, so this is not chance: a library has"),
        ("same", 50, "Our data: n. We took 50 seeds, they took 100. The splits are not theirs:"),
        ("other", 100, "Our data: n. The splits are not theirs: one in 20 figures differs by more"),
    ],
)
def test_says_why_figures_disagree(content, rows, n_repeats, reason):
    (row,) = compared(rows, n_repeats)
    assert not row["agrees"]
    values = content | {"agreement": content["agreement"] | {"rows": [row]}}
    assert reason in Reader(render(values)).text


def test_same_input_same_page(content, cells, board, transfers):
    curves = leaderboard.curve_table(cells)
    half = board | {"learners": {"svm_rbf": board["learners"]["svm_rbf"]}}
    again = sections.content(half, curves, transfers, compared(), "Somebody, 2023")
    assert render(again) == render(content | {"board": half, "learners": content["learners"][1:]})


def chromium():
    """The browser; where CI has installed one, its absence is an error."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
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
@pytest.mark.parametrize(
    ("width", "scheme", "better"), [(1200, 1, (0xDC, 0xEC, 0xF8)), (500, 0, (0x16, 0x40, 0x5E))]
)
def test_a_browser_shows_it(content, tmp_path, width, scheme, better):
    path = tmp_path / "report.html"
    path.write_text(render(content).replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    options = [f"--window-size={width},3000", f"--blink-settings=preferredColorScheme={scheme}"]
    dom = browse(tmp_path, *options, "--virtual-time-budget=5000", "--dump-dom", path.as_uri())
    figures, visible, described, requests, wide = map(
        int, re.search(r"<title>probe ([\d ]+)</title>", dom)[1].split()
    )
    assert figures == visible == described == 8
    assert (requests, wide) == (0, 0)

    picture = tmp_path / "report.png"
    browse(tmp_path, *options, f"--screenshot={picture}", path.as_uri())
    pixels = imread(picture)[..., :3]
    assert pixels.shape == (3000, width, 3)
    # Something is written in every screenful, and the blue of what is better is there.
    page_colour = pixels[0, 0]
    for screen in np.split(pixels, 6):
        assert (np.abs(screen - page_colour).max(axis=2) > 0.6).mean() > 0.002
    assert (np.abs(pixels - np.array(better) / 255).max(axis=2) < 0.01).mean() > 0.001
