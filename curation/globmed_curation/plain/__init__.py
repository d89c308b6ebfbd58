"""Rows that are no entries: anybody's JSONL or Parquet files, worked on piece by piece and written as they came.

files.py           a file as pieces of rows, and where the rows that stay go: the same bytes, the same schema
listed.py          JSON lists and .zip archives, item by item
pieces.py          some rows, as Python sees them and as they are in the file
columns.py         of a piece: the texts to compare, ids, languages, as Arrow columns
decontaminate.py   takes out what evaluation data holds
deduplicate.py     keeps one of several rows that say the same
gathering.py       the texts of all files, in memory or, language by language, on disk
memory.py          how much memory that takes, told before it starts
outcome.py         what was found, as files
progress.py        how far it is
"""
