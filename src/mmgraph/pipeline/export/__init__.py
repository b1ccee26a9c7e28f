"""What goes out of a run: the whole of it without its data, its vectors, an index, its scoring as a program."""
