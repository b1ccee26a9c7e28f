"""What finished runs say: comparisons, groups, attribution, fusion, reproductions, reports."""
