"""rounds/params.yaml: a slip is one line with its place."""

import pytest

from active_learning.core.errors import ParamsError
from stages.params import yaml
from stages.params.rounds import RoundsParams
from tests.examples import ROOT


@pytest.mark.parametrize(
    ("line", "slip", "message"),
    [
        ("classes: [A, B]", 'classes: ["", B]', "classes must be a list of names"),
        ("classes: [A, B]", "classes: [yes, 01]", "got ['yes', 1]"),
        (
            "classes: [A, B]",
            "classes: {A: {key: ab}, B: {}}",
            "classes.A.key must be a string that",
        ),
        ("share: 0.1  ", "share: 1", "holdout.share must be a float in [0, 1); got 1."),
        ("compare: []", "compare: [entrpy]", "query.compare: unknown strategy 'entrpy'"),
        ("start: typiclust", "start: typclust", "query.start must be one of badge, "),
        ("annotators: []", "annotator: []", "did you mean 'annotators'?"),
    ],
)
def test_a_slip_names_the_option_the_rule_and_the_value(tmp_path, line, slip, message):
    text = (ROOT / "rounds/template.yaml").read_text()
    assert line in text
    path = tmp_path / "params.yaml"
    path.write_text(text.replace(line, slip, 1))
    with pytest.raises(ParamsError) as error:
        RoundsParams(yaml.read(path), path).check()
    assert message in str(error.value)
    assert "\n" not in str(error.value)
