import pytest

from speed import growth, report
from speed.__main__ import sections, tables

PAGE = """# Speed

<!-- `make bench` writes loop -->
old
<!-- end of what `make bench` writes -->

text

<!-- `make bench` writes peers -->
old
<!-- end of what `make bench` writes -->
"""


def test_only_what_was_measured_is_replaced(tmp_path, monkeypatch):
    page = tmp_path / "speed.md"
    monkeypatch.setattr(report, "DOCS", page)
    page.write_text(PAGE, encoding="utf-8")
    report.write({"loop": "new\n"})
    assert page.read_text(encoding="utf-8") == PAGE.replace("old", "new", 1)


def test_page_has_a_place_for_every_table():
    places = [name for _, name, _ in report.BLOCK.findall(report.DOCS.read_text(encoding="utf-8"))]
    records = [{"other loop": name, "goal": None} for name in ("textbook", "small-text")]
    assert set(places) == {"machine", *tables("loop", records), *sections(1)}
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), ("a", "a"), (0.0214, "0.0214"), (1.5, "1.5"), (12.34, "12.3"), (1573.2, "1,573")],
)
def test_numbers_have_three_digits(value, text):
    assert report.cell(value) == text


def test_table():
    assert report.markdown([{"a": "b", "c": 2.0}]) == "| a | c |\n| --- | --- |\n| b | 2 |\n"


def record(name, *costs):
    sizes = zip(growth.SIZES, costs, strict=True)
    return {"strategy": f"`{name}`"} | {f"{size}, ms": cost for size, cost in sizes}


def test_what_grows_faster_than_linear_is_named():
    records = [
        record("a", 1, 10, 100, 1500),
        record("b", 1, 10, 100, 4000),
        record("c", 0, 0, 0, 0.1),
    ]
    assert growth.faster_than_linear(records).endswith("more than × 20: `b` (× 40).\n")
    assert growth.faster_than_linear(records[:1]).endswith("more than × 20: none.\n")


def test_figure_is_the_same_every_time(tmp_path, monkeypatch):
    records, pages = [record("a", 1, 2, 3, 4), record("b", 1, 2, 3, 4.1)], []
    for name in ("one.svg", "two.svg"):
        monkeypatch.setattr(growth, "FIGURE", tmp_path / name)
        growth.draw(records)
        pages.append((tmp_path / name).read_bytes())
    assert pages[0] == pages[1]


def test_every_query_is_timed():
    from speed import data

    table = data.table(1200, 10, n_initial=50)
    assert len(growth.run(table, "margin", 3)) == 3
    assert len(growth.run(table, "badge", 3)) == 3
    assert growth.peak(table, "margin") > 0
