"""TypiClust: query the most typical row of the largest cluster without a label.

Reference: Hacohen, Dekel & Weinshall, "Active learning on a budget: opposite strategies suit high
and low budgets", 2022, algorithm 1 (TPC_RP), with 20 neighbours and at most 500 clusters as in the
authors' code. They cluster self-supervised embeddings; here it is the features. Their code uses at
most half of a cluster's rows as neighbours, and skips small clusters.
"""

from itertools import islice
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.core.strict import Count
from active_learning.strategies._geometry import fit_k_means, model_space, stack_rows


def typicality(features: Any, neighbours: int) -> NDArray[np.float64]:
    """Typicality 1 / (mean distance to the nearest rows) of every row: (n_rows,).

    Hacohen et al., eq. 4, with 1e-5 added to the distance, as in the authors' code.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_rows, n_features)
    neighbours : int
        Number of nearest rows; fewer if there are not as many.
    """
    from sklearn.neighbors import NearestNeighbors

    count = min(neighbours, features.shape[0] - 1)
    if count == 0:
        return np.zeros(1)
    distance, _ = NearestNeighbors(n_neighbors=count).fit(features).kneighbors()
    return np.asarray(1 / (distance.mean(axis=1) + 1e-5))


class Typiclust(Strategy):
    """Query typical rows of clusters with few labels; ignores predictions."""

    NESTED: ClassVar[bool] = False  # the number of clusters grows with the batch
    RANKED: ClassVar[bool] = False  # larger clusters come first, not more typical rows

    neighbours: Count = 20
    """Number of nearest rows in a row's cluster that define its typicality."""

    max_clusters: Count = 500
    """Maximum number of clusters; below it, one for each label after this batch."""

    min_size: Count = 5
    """Smaller clusters come last; the authors' code skips those of five rows or fewer."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query ``n`` open rows; the informativeness is their typicality.

        Clusters take turns, each with its most typical remaining row: those with the fewest labels
        first, and among them the largest.
        """
        rows = np.flatnonzero(pool.open)
        space = model_space(model, pool)
        table = space.features
        features = stack_rows(space.labelled, table[rows])
        n_clusters = min(pool.n_labelled + n, self.max_clusters)
        cluster = fit_k_means(features, n_clusters, generator).labels_
        size = np.bincount(cluster, minlength=n_clusters)
        labelled = np.bincount(cluster[: pool.n_labelled], minlength=n_clusters)
        turns = np.lexsort((-size, labelled, size < self.min_size))
        members = (rows[cluster[pool.n_labelled :] == number] for number in turns)
        ranked = [self._rank(table, own) for own in islice(filter(len, members), n)]
        places = np.concatenate([np.arange(len(query.rows)) for query in ranked])
        first = np.argsort(places, kind="stable")[:n]
        chosen, values = (np.concatenate(parts) for parts in zip(*ranked, strict=True))
        return Query(chosen[first], values[first])

    def _rank(self, features: Any, rows: NDArray[np.int64]) -> Query:
        """Rows of a cluster, most typical first; ties go to the lower row."""
        values = typicality(features[rows], self.neighbours)
        order = np.argsort(-values, kind="stable")
        return Query(rows[order], values[order])
