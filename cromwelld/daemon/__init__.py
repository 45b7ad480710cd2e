"""The resident process: when what is done, several people at once, and how it begins, listens and ends."""
