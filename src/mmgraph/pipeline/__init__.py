"""A run from its configuration: build, train, rank, report, restore; and its folder."""
