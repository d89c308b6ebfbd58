"""Settings are read strictly: nothing unknown, nothing twice, nothing guessed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from globmed_curation import settings

from globmed_tools.errors import GlobmedError


@dataclass(frozen=True)
class Config:
    share: float = 0.5
    names: list[str] = field(default_factory=list)
    file: Path | None = None


def test_values_are_converted_where_nothing_is_guessed():
    assert settings.read(Config, {"share": "0.7", "names": ["a"]}, "x") == Config(0.7, ["a"])
    assert settings.read(Config, None, "x") == Config()
    for values, message in [
        ({"shrae": 1}, "x: unknown setting 'shrae'; did you mean share"),
        ({"share": "much"}, "x, share: Input should be a valid number"),
        ({"names": [1]}, r"x, names.0: Input should be a valid string"),
        ([1], "x: settings by name were expected, found list"),
    ]:
        with pytest.raises(GlobmedError, match=message):
            settings.read(Config, values, "x")


def test_words_of_yaml_are_words(tmp_path):
    path = tmp_path / "a.yml"
    path.write_text("a: off\nb: no\nc: true\nd: 1\ne: {f: [on, yes]}\n")
    assert settings.load_yaml(path) == {"a": "off", "b": "no", "c": True, "d": 1, "e": {"f": ["on", "yes"]}}
    assert [settings.value(text) for text in ("0.5", "off", "{a: 1}", "{a")] == [0.5, "off", {"a": 1}, "{a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "line 2: not valid YAML .the key 'a' stands twice"),
        ("a: [1\n", "not valid YAML"),
        ("- 1\n", "a YAML mapping was expected, found list"),
        ("b: {c: 1, c: 2}", "the key 'c' stands twice"),
    ],
)
def test_a_file_that_is_no_mapping_is_one_line(tmp_path, text, message):
    path = tmp_path / "a.yml"
    path.write_text(text)
    with pytest.raises(GlobmedError, match=message):
        settings.load_yaml(path)


def test_a_file_that_a_setting_names_counts_by_what_it_holds(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(b"one")
    first = settings.plain(Config(file=path))
    (tmp_path / "elsewhere").mkdir()
    path.rename(tmp_path / "elsewhere" / "model.bin")
    assert settings.plain(Config(file=tmp_path / "elsewhere" / "model.bin")) == first
    (tmp_path / "elsewhere" / "model.bin").write_bytes(b"two")
    assert settings.plain(Config(file=tmp_path / "elsewhere" / "model.bin")) != first
    with pytest.raises(GlobmedError, match="model.bin: no such file"):
        settings.plain(Config(file=path))
