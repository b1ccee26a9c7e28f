"""Rounds of messages over the graphs of users and items."""
