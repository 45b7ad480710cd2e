"""Figures over the reader, for notebooks: frames of `load_date` and `load_range` in, matplotlib figures out.

Every figure function takes the frames and the rows of `load_days` that go with them. A measurement without records
gives a figure that says why; it never fails, and a missing value is never drawn as zero. Needs the extra `notebooks`.
"""
