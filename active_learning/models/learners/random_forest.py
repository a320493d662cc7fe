"""Random forest."""

from typing import Annotated, Any, Literal

from pydantic import Field

from active_learning.core.bases import Learner
from active_learning.core.strict import Count


class RandomForest(Learner):
    """scikit-learn's ``RandomForestClassifier`` on one core: repeats run in parallel instead."""

    n_estimators: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Number of trees."""

    max_depth: Count | None = None
    """Maximum depth of a tree; null: until the leaves are pure."""

    min_samples_leaf: Count = 1
    """Minimum number of rows in a leaf."""

    class_weight: Literal["balanced"] | None = None
    """``balanced``: weight classes inversely to their frequency; null: equal weights."""

    def build(self, seed: int) -> Any:
        """Unfitted classifier."""
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(
            n_estimators=self.n_estimators,
            max_depth=self.max_depth,
            min_samples_leaf=self.min_samples_leaf,
            class_weight=self.class_weight,
            random_state=seed,
        )
