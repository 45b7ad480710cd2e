"""Parquet tables that notebooks read: layout, writer, reader."""
