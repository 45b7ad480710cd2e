"""A Takeout export into archive and tables."""
