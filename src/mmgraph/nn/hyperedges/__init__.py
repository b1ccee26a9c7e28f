"""Hyperedges that nodes belong to by degrees, and the messages along them."""
