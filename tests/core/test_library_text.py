"""The library names no file and no command of the pipeline: other code uses it, too."""

import re
from pathlib import Path

import active_learning

FOLDER = Path(active_learning.__file__).parent
PIPELINE = re.compile(
    r"params\.yaml|checks\.yaml|\b(dvc|DVC)\b|\bmake [a-z-]+`|\bAL_[A-Z]+|\bstages?\b|query[_-]loop"
    r"|metrics/|\b(generate|split|learner|evaluation|preprocess|compare)\.[a-z_]+ (must|to)\b",
)


def test_no_text_of_the_pipeline_stands_in_the_library():
    lines = {
        f"{path.relative_to(FOLDER)}:{number}": line
        for path in sorted(FOLDER.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    }
    assert len(lines) > 5000
    assert {place: line for place, line in lines.items() if PIPELINE.search(line)} == {}
