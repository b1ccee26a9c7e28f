"""Ridge regressions of items on items, solved exactly, in the memory of their own result."""
