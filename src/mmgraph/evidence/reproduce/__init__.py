"""Tables and figures of papers, made again: what each holds, which runs it needs, what they came to."""
