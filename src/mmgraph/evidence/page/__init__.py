"""Finished runs as one page of HTML: a leaderboard, and what there is to see of each run."""
