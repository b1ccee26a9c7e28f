"""One run in several processes, which one word of the command line starts: here, on a Ray cluster, by Slurm."""
