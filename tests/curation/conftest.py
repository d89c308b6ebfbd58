"""Fixtures of the curation tests: small files in the original formats."""

import json

import pytest


@pytest.fixture
def jsonl(tmp_path):
    """jsonl("test.jsonl", rows) -> the path of a JSON Lines file with these rows."""

    def write(name, rows):
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        return path

    return write


@pytest.fixture
def document(tmp_path):
    """document("name.json", value) -> the path of a file with this one JSON value."""

    def write(name, value):
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")
        return path

    return write
