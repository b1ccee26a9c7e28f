"""Raw files become a folder that the data sets read."""
