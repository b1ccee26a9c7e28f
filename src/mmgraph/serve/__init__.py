"""Recommendations over HTTP (extra `serve`)."""
