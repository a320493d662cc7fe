"""Cluster-Margin: cluster the rows of smallest margin and query one row of each cluster.

Reference: Citovsky et al., "Batch active learning at scale", 2021, algorithms 1 and 2.
"""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from active_learning.core.bases import Strategy
from active_learning.core.pool import Pool, Query
from active_learning.core.strict import Count
from active_learning.strategies._geometry import model_space
from active_learning.strategies._ranking import most_uncertain
from active_learning.strategies.margin import margin


class ClusterMargin(Strategy):
    """Cluster the rows of smallest margin and query a random row of each cluster, smallest first.

    Deviation: the paper clusters the whole pool once, up to a distance threshold; here the
    candidates of each batch are clustered, into as many clusters as the batch has rows. So a large
    pool needs no large distance matrix, and there is no threshold to choose.
    """

    NESTED: ClassVar[bool] = False  # candidates and clusters grow with the batch
    RANKED: ClassVar[bool] = False  # smaller clusters come first, not smaller margins

    candidates: Count = 10
    """Candidates per row of the batch; 1 is plain margin sampling."""

    def query(self, model: Any, pool: Pool, n: int, generator: np.random.Generator) -> Query:
        """Query ``n`` open rows, the informativeness being 1 − (p₁ − p₂), as for ``margin``."""
        most = min(n * self.candidates, pool.n_open)
        uncertain = most_uncertain(model, pool, most, margin)
        cluster = hierarchical(model_space(model, pool).features[uncertain.rows], n)
        turns = np.argsort(np.bincount(cluster), kind="stable")
        members = [np.flatnonzero(cluster == number) for number in turns]
        chosen = np.array([generator.choice(own) for own in members])
        return Query(uncertain.rows[chosen], uncertain.informativeness[chosen])


def hierarchical(features: Any, n_clusters: int) -> NDArray[np.int64]:
    """Clusters 0, 1, … of agglomerative clustering with average linkage: (n_rows,)."""
    from sklearn.cluster import AgglomerativeClustering

    if features.shape[0] == n_clusters:
        return np.arange(n_clusters)
    dense = features if isinstance(features, np.ndarray) else features.toarray()
    clusters = AgglomerativeClustering(n_clusters, linkage="average").fit(dense)
    return np.asarray(clusters.labels_, dtype=np.int64)
