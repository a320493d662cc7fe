"""A page of HTML that needs nothing but itself: no script, no font, no picture from elsewhere."""

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, "DejaVu Sans", sans-serif; color: #1a1a1a; background: #fff;
       max-width: 80rem; margin: 0 auto; padding: 2rem 1.2rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.3rem; margin: 2.6rem 0 .5rem; padding-top: .8rem; border-top: 1px solid #ddd; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p, ul { max-width: 46rem; }
.lead { font-size: 1.08rem; }
nav { margin: 1.2rem 0; columns: 2; max-width: 46rem; }
nav a { display: block; }
a { color: #005a8f; }
figure { margin: 1rem 0; overflow-x: auto; }
figure img { max-width: 100%; height: auto; }
figcaption, .note { color: #555; font-size: .9rem; max-width: 46rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: #555; padding-bottom: .4rem; min-width: 20rem; }
caption span { display: block; max-width: min(46rem, 90vw); }
th, td { padding: .3rem .65rem; text-align: right; border-bottom: 1px solid #e6e6e6;
         white-space: nowrap; }
th:first-child, td:first-child, td.text { text-align: left; }
th:first-child { position: sticky; left: 0; background: #fff; }
td.text { white-space: normal; min-width: 12rem; }
thead th { border-bottom: 2px solid #888; vertical-align: bottom; }
td small { display: block; color: #555; }
.better { background: #dcecf8; } .worse { background: #fbe3d3; } .twin { color: #767676; }
"""


class Cell:
    """A cell of a table: its text, a second line, and a class.

    Parameters
    ----------
    text : str
    below : str
    kind : str
        ``better``, ``worse``, ``twin``, ``text`` or none.
    """

    def __init__(self, text: str, below: str = "", kind: str = "") -> None:
        self.text, self.below, self.kind = text, below, kind

    def html(self) -> str:
        """Cell as HTML."""
        small = f"<small>{escape(self.below)}</small>" if self.below else ""
        kind = f' class="{self.kind}"' if self.kind else ""
        return f"<td{kind}>{escape(self.text)}{small}</td>"


def table(headers: Sequence[str], rows: Iterable[Sequence[str | Cell]], caption: str) -> str:
    """Table as HTML; a text is a plain cell, and the first of each row names it."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in headers)
    body = ""
    for first, *rest in rows:
        name = first if isinstance(first, str) else first.text
        cells = [item if isinstance(item, Cell) else Cell(item) for item in rest]
        body += f'<tr><th scope="row">{escape(name)}</th>'
        body += "".join(cell.html() for cell in cells) + "</tr>\n"
    return (
        f'<div class="scroll"><table><caption><span>{escape(caption)}</span></caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )


def paragraph(text: str, kind: str = "") -> str:
    """Paragraph as HTML."""
    return f'<p class="{kind}">{escape(text)}</p>\n' if kind else f"<p>{escape(text)}</p>\n"


def heading(text: str) -> str:
    """Heading within a section."""
    return f"<h3>{escape(text)}</h3>\n"


def figure(address: str, says: str, caption: str = "") -> str:
    """Figure as HTML; ``says`` is for those who cannot see it."""
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure><img src="{address}" alt="{escape(says)}">{below}</figure>\n'


def page(title: str, lead: str, sections: Sequence[tuple[str, str]]) -> str:
    """Whole page: a title, what came out, links, and sections of a heading and HTML each."""
    links = "".join(
        f'<a href="#s{number}">{escape(name)}</a>' for number, (name, _) in enumerate(sections)
    )
    body = "".join(
        f'<section id="s{number}"><h2>{escape(name)}</h2>\n{html}</section>\n'
        for number, (name, html) in enumerate(sections)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n{lead}<nav>{links}</nav>\n{body}</body>\n</html>\n"
    )
