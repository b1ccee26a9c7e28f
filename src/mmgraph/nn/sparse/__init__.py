"""Products with sparse matrices, and what is read off them, in bounded memory."""
