"""What a data set is like: numbers of it, as text and as a page."""
