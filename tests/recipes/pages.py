"""Commands and their output on the pages of the docs, for the tests that run and compare them."""

import re

from tests.pipeline.clone import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    if "_build" not in path.parts
)
SHELL, PYTHON, OUTPUT = ("sh",), ("python",), ("", "text")  # how the fences of blocks are marked
FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

taken = set()


def read(page):
    """Text of a page, by its path from the project's root."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page, languages):
    """Blocks in these languages below each heading, not those below its subheadings."""
    text, heading, start, texts = read(page), "", 0, {}
    for fence in FENCE.finditer(text):
        *_, heading = [heading, *re.findall(r"^#+ (.*)", text[start : fence.start()], re.MULTILINE)]
        if fence[1] in languages:
            texts.setdefault(heading, []).append(fence[2])
        start = fence.end()
    return texts


def inline(page):
    """Code in the prose of a page; it may go on in the next line."""
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", FENCE.sub("", read(page)))]


def recipes(page, heading):
    """Blocks of shell below a heading of a page; who asks for them runs them."""
    return _take(page, heading, SHELL)


def snippets(page, heading):
    """Blocks of Python below a heading of a page; who asks for them runs them."""
    return _take(page, heading, PYTHON)


def quotes(page, heading):
    """Quoted output below a heading of a page; who asks for it compares it with the real one."""
    return _take(page, heading, OUTPUT)


def _take(page, heading, languages):
    texts = blocks(page, languages)[heading]
    taken.update((page, heading, text) for text in texts)
    return texts
