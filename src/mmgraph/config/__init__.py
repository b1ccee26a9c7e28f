"""From the words of a command line or a stored file to objects: composed, judged, built."""
