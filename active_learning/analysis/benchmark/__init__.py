"""Many experiments together: leaderboard, ranks, transfer, agreement with published figures."""
