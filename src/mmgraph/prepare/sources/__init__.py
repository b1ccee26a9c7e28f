"""What is read, each kind in a file of its own, as tables that DuckDB streams."""
