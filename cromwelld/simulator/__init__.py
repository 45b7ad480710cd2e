"""A synthetic person, served as a vendor's API with faults on demand; it imports nothing of the sources."""
