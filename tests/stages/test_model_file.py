"""The file of a model: the same bytes for the same model, and nothing foreign is loaded."""

from fractions import Fraction
from functools import partial

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from active_learning.core.errors import ArtifactError, UnreadableError
from active_learning.data.files import write_table
from stages.rounds import model_file

X = np.arange(60.0).reshape(20, 3)
Y = np.array(["ham", "spam"] * 10)


def fitted():
    return make_pipeline(StandardScaler(), RandomForestClassifier(3, random_state=0)).fit(X, Y)


def test_a_model_comes_back_and_has_the_same_bytes_each_time(tmp_path):
    model = fitted()
    paths = [tmp_path / name for name in ("one.skops", "two.skops")]
    types = model_file.save(paths[0], model)
    _ = [object() for _ in range(1000)]
    model_file.save(paths[1], fitted())
    assert paths[0].read_bytes() == paths[1].read_bytes()
    loaded = model_file.load(paths[0])
    assert (loaded.predict_proba(X) == model.predict_proba(X)).all()
    assert types == ["sklearn.tree._tree.Tree"]


def test_a_model_of_texts_has_the_same_bytes_in_any_process(tmp_path):
    """scikit-learn keeps the address of the stop words, which differs each time."""
    texts = pd.DataFrame({"text": ["one two", "two three", "three one"] * 3})
    paths = [tmp_path / name for name in ("one.skops", "two.skops")]
    for path in paths:
        words = ColumnTransformer([("words", TfidfVectorizer(), 0)])  # keeps one without words
        model = make_pipeline(words, LogisticRegression()).fit(texts, Y[:9])
        words.named_transformers_["words"]._stop_words_id = id(path)
        model_file.save(path, model)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    loaded = model_file.load(paths[0])
    assert (loaded.predict_proba(texts) == model.predict_proba(texts)).all()


def test_there_may_be_no_model_yet(tmp_path):
    model_file.save(tmp_path / "none.skops", None)
    assert model_file.load(tmp_path / "none.skops") is None


@pytest.mark.parametrize(
    "foreign",
    [
        Fraction(1, 2),
        FunctionTransformer(partial(write_table, "table.csv")),
        FunctionTransformer(np.load),
        FunctionTransformer(print),
    ],
    ids=["class", "our function that writes", "numpy", "builtin"],
)
def test_other_types_are_neither_written_nor_loaded(tmp_path, foreign):
    path = tmp_path / "model.skops"
    with pytest.raises(ArtifactError, match=r"must hold types of scikit-learn and of this project"):
        model_file.save(path, foreign)
    assert not path.exists()
    path.write_bytes(skops.io.dumps(foreign))
    with pytest.raises(ArtifactError, match=r"must hold types of scikit-learn and of this project"):
        model_file.load(path)


def test_a_damaged_file_is_said_to_be_so(tmp_path):
    path = tmp_path / "model.skops"
    with pytest.raises(UnreadableError, match=r"model\.skops is missing"):
        model_file.load(path)
    model_file.save(path, fitted())
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UnreadableError, match="damaged"):
        model_file.load(path)
