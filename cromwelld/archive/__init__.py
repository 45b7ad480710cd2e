"""Days as gzip JSON objects: the copy that must outlive everything else."""
