"""`dvc plots`: one line per strategy, in a page that needs no network."""

import json
import re
from html.parser import HTMLParser

import pytest
import vl_convert


@pytest.fixture
def offline(tmp_path, made, finished):
    """A clone with the page that works offline."""
    original = made(
        "offline", finished, lambda clone: clone.run("python", "scripts/offline_plots.py")
    )
    return original.copy(tmp_path / "clone")


class Page(HTMLParser):
    """Everything that a page loads from elsewhere, and the text of its scripts."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.scripts, self._in_script = [], [], False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self._in_script = tag == "script"
        wanted = {"src", "href"}
        self.loaded += [(tag, value) for name, value in attrs if name in wanted and tag != "a"]

    def handle_endtag(self, _):
        self._in_script = False

    def handle_data(self, data):
        if self._in_script:
            self.scripts.append(data)


def lines_drawn(svg):
    """Count the lines that have a length."""
    marks = re.findall(r'<g class="mark-line [^>]*>(.*?)</g>', svg, flags=re.DOTALL)
    return len([path for mark in marks for path in re.findall(r' d="M[^"]*L[^"]*"', mark)])


@pytest.mark.parametrize(
    ("name", "strategies", "y_label"),
    [
        ("learning_curves", ["least_confidence", "random"], "score"),
        ("difference_to_random", ["least_confidence"], "difference in score"),
    ],
)
def test_one_line_per_strategy(offline, name, strategies, y_label):
    spec = json.loads(offline.dvc("plots", "show", name, "--show-vega"))
    svg = vl_convert.vegalite_to_svg(spec)
    assert ">labels</text>" in svg
    assert f">{y_label}</text>" in svg
    assert lines_drawn(svg) == len(strategies)
    rows = spec["data"]["values"]
    assert sorted({row["strategy"] for row in rows}) == strategies
    assert len(rows) == 4 * len(strategies)


def test_the_page_loads_nothing(offline):
    offline.dvc("plots", "show")
    text = (offline.path / "dvc_plots/index.html").read_text("utf-8")
    page = Page(text)
    assert [value for tag, value in page.loaded if tag in {"script", "link"}] == []
    assert page.loaded == []
    assert text.count("default-src 'none'") == 1
    assert any("window.vegaEmbed=" in script.replace(" ", "") for script in page.scripts)
    # Names of hosts in the library itself are not loaded by anyone; the page around it has none.
    around = [script for script in page.scripts if len(script) < 100_000]
    assert "vegaEmbed(" in "".join(around)
    for cdn in ("cdn.jsdelivr.net", "unpkg.com", "cdnjs"):
        assert cdn not in "".join(around)
        assert f'src="https://{cdn}' not in text


@pytest.mark.parametrize("name", ["learning_curve", "difference"])
def test_a_template_is_true_whatever_the_params_are(project, name):
    text = (project.path / f".dvc/plots/{name}.json").read_text("utf-8")
    assert "compare.confidence" in text
    assert re.findall(r"95|better|worse", text) == []  # of log_loss, less is better


@pytest.mark.slow
def test_two_revisions_in_one_plot(two):
    two.run("python", "scripts/offline_plots.py")
    arguments = ("plots", "diff", "HEAD", "workspace", "--targets", "learning_curves")
    spec = json.loads(two.dvc(*arguments, "--show-vega"))
    assert {(row["rev"], row["strategy"]) for row in spec["data"]["values"]} == {
        ("HEAD", "least_confidence"),
        ("HEAD", "random"),
        ("workspace", "margin"),
        ("workspace", "random"),
    }
    assert lines_drawn(vl_convert.vegalite_to_svg(spec)) == 4
    two.dvc("plots", "diff", "HEAD", "workspace")
    assert Page((two.path / "dvc_plots/index.html").read_text("utf-8")).loaded == []


def test_making_the_page_again_changes_nothing(offline):
    files = [offline.path / ".dvc" / name for name in ("plots/offline.html", "config.local")]
    before = [(file.read_bytes(), file.stat().st_mtime_ns) for file in files]
    offline.run("python", "scripts/offline_plots.py")
    assert [(file.read_bytes(), file.stat().st_mtime_ns) for file in files] == before


def test_by_default_the_library_comes_from_its_cdn(clone):
    clone.dvc("plots", "show")
    text = (clone.path / "dvc_plots/index.html").read_text("utf-8")
    page = Page(text)
    assert [tag for tag, _ in page.loaded] == ["script"] * 3
    assert all(value.startswith("https://cdn.jsdelivr.net/npm/vega") for _, value in page.loaded)
    assert "Content-Security-Policy" not in text
    assert "make offline-plots" in text
