"""The command line: compose, instantiate, train, resume, evaluate."""
