"""The features of a table, cast to their kinds."""

import numpy as np
import pandas as pd

from active_learning.data.features import cast_features


def test_columns_keep_their_order_precision_and_rows():
    features = pd.DataFrame(
        {
            "text": ["u", None],
            "single": np.array([0.5, np.nan], dtype=np.float32),
            "flag": [True, False],
            "whole": [1, 2**53],
            "when": [20240229, 20240301],
            "price": ["$1.50", "$2"],
            "double": [np.nan, 0.1],
        },
        index=[2, 3],
    )
    frame, options, remarks = cast_features(features, {"when": "date"})
    assert options == {
        "text": "category",
        "single": "number",
        "flag": "boolean",
        "whole": "number",
        "when": "date",
        "price": "number",
        "double": "number",
    }
    expected = {
        "text": pd.Series(["u", None], [2, 3], dtype="str"),
        "single": features["single"],
        "flag": pd.Series([True, False], [2, 3], dtype="boolean"),
        "whole": pd.Series([1.0, 2.0**53], [2, 3]),
        "when": pd.Series(pd.to_datetime(["2024-02-29", "2024-03-01"]), [2, 3]).astype(
            "datetime64[us]"
        ),
        "price": pd.Series([1.5, 2.0], [2, 3]),
        "double": features["double"],
    }
    pd.testing.assert_frame_equal(frame, pd.DataFrame(expected), check_exact=True)
    assert list(remarks) == ["notations"]


def test_dates_among_thousands_of_numbers_are_named_in_order():
    days = pd.date_range("2024-01-01", periods=30).strftime("%Y%m%d").astype(int).to_numpy()
    columns = {f"x{i}": np.arange(30.0) for i in range(20)}
    frame = pd.DataFrame(columns | {"b": days, "a": days * 1.0, "no": days + 40})
    remark = cast_features(frame, {}).remarks["dates_as_numbers"]
    assert remark.split(": ")[1].startswith("'b', 'a'.")
    assert cast_features(frame, {"a": "number", "b": "date"}).remarks == {}
