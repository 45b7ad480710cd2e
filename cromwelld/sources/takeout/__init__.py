"""Google Takeout: the files of an export, read straight out of its parts, as answers."""
