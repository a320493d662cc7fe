"""`commands.predict` on tables that differ from the one of the rounds."""

import numpy as np
import pandas as pd
import pytest

from active_learning.core.errors import DataError
from commands import predict
from stages.paths import MODEL, ROUNDS_PARAMS
from stages.rounds import model_file
from tests.examples import ROOT
from tests.rounds.example import Log, trainer, write


@pytest.fixture
def zips(tmp_path, monkeypatch):
    """Model of a table whose class is known by a category of digits and letters."""
    monkeypatch.chdir(tmp_path)
    ROUNDS_PARAMS.parent.mkdir()
    ROUNDS_PARAMS.write_text((ROOT / "rounds/template.yaml").read_text())
    zips = ["01", "02", "A"] * 20
    table = pd.DataFrame({"id": range(60), "p": 0.5, "zip": zips})
    log = Log(write(tmp_path, table))
    for row, name in enumerate(zips[:30]):
        log.give(str(row), "ham" if name == "01" else "spam")
    labelling = log.labelling(share=0)
    fits = trainer(labelling, learner="svm_rbf", visible="labelled", sparse=True)
    model_file.save(MODEL, fits.fit_for_use(labelling.training))


def test_categories_of_digits_are_known_in_a_table_without_letters(zips):
    pd.DataFrame({"p": 0.5, "zip": ["01", "02"]}).to_csv("new.csv", index=False)
    predict.main(["new.csv", "--out", "out.csv", "--prefix", "new_"])
    out = pd.read_csv("out.csv", dtype=str)
    assert list(out) == ["p", "zip", "new_label", "new_p", "new_ask"]
    assert out["zip"].tolist() == ["01", "02"]
    assert out["new_label"].tolist() == ["ham", "spam"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("p,zip\n0.5,01\n", "must have no column 'p', which is written; --prefix new_"),
        ("p,zip\n", "new.csv must have at least one row; got none."),
        ("q,zip\n0.5,01\n", "new.csv: unknown column 'p'; available: q, zip"),
    ],
)
def test_a_table_that_cannot_be_predicted_is_named(zips, tmp_path, content, message):
    (tmp_path / "new.csv").write_text(content)
    with pytest.raises(DataError) as error:
        predict.main(["new.csv", "--out", "out.csv"])
    assert message in str(error.value)
    assert not (tmp_path / "out.csv").exists()


def test_notation_of_the_rounds_is_that_of_another_table(zips, tmp_path):
    days = [f"{day:02}/{month:02}/2020" for month in (1, 12) for day in range(1, 29)] + [
        "31/12/2020"
    ]
    table = pd.DataFrame(
        {"id": range(len(days)), "day": days, "price": ["$9.50", "$8"] + ["$9"] * 55}
    )
    log = Log(write(tmp_path, table))
    for row, day in enumerate(days):
        log.give(str(row), "ham" if day[3:5] == "01" else "spam")
    labelling = log.labelling(share=0)
    fits = trainer(labelling, learner="random_forest", visible="labelled")
    model_file.save(MODEL, fits.fit_for_use(labelling.training))
    assert model_file.load(MODEL)[0].kinds == {"day": "day_first", "price": "number"}
    # By itself, this table would not show that the day is first.
    pd.DataFrame({"day": ["03/12/2020", "12/01/2020"], "price": "$9"}).to_csv(
        "new.csv", index=False
    )
    predict.main(["new.csv", "--out", "out.csv"])
    assert pd.read_csv("out.csv")["label"].tolist() == ["spam", "ham"]


def test_vectors_are_whole_in_a_csv():
    table = pd.DataFrame({"n": pd.array([1, None], "Int64"), "v": [np.arange(2000.0), None]})
    written = predict.arrays_as_lists(table).to_csv(index=False)
    assert "1998.0, 1999.0]" in written
    assert written.startswith("n,v\n1,")
