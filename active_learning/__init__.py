"""Pool-based active learning: the loop, the strategies and the evidence. Knows nothing of DVC."""
