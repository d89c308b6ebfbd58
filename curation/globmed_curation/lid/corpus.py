"""The texts that the language model is trained and measured on, read from the original files that corpus.toml lists.

    >>> read(Path("shared/data"))[0]
    Text(label='eng_Latn', source='ntrex128', domain='news', role='train', document='bbc.381790', text='Welsh AMs ...')

A whole document goes into one part (train, dev or test) by the hash of its name, in all languages alike, so no translation
of a tested sentence has been trained on. Sources with the role `test` and genres named in `held_out` are tested only;
languages with the role `unseen` stand for all the languages of the world that nobody trained on.
"""

from __future__ import annotations

import csv
import html
import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import xxhash

from globmed_tools.errors import GlobmedError

from .fold import fold

#: Options and sentences shorter than this say too little of their language to learn from; of long texts the beginning.
LONG_OPTION, EXCERPT = 25, 200
ROLES = ("train", "dev", "test", "unseen")
#: A source's role: trained on whole, nothing of it is tested.
LEARNT = "learnt"
#: The label of files that are in none of the languages told apart.
STRANGERS = "mis"
_BLOCK, _TAG = re.compile(r"<(?:p|h\d|li)\b[^>]*>(.*?)</(?:p|h\d|li)>", re.DOTALL), re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or question; label as in corpus.toml."""

    label: str
    source: str
    domain: str
    role: str
    document: str
    text: str


def plan() -> dict:
    """corpus.toml: `source`, and the tables `share` and `pieces` that training goes by."""
    return tomllib.loads(Path(__file__).with_name("corpus.toml").read_text("utf-8"))


def read(folder: Path, roles: Collection[str] = ROLES, say: Callable[[str], None] = lambda _: None) -> list[Text]:
    """The texts of these roles below `folder`, in the order of corpus.toml; GlobmedError for a file that is not there.

    A source of which nothing is tested may be missing as a whole: `say` is told so.
    """
    found = []
    for source in plan()["source"]:
        if source["role"] == LEARNT:
            if "train" not in roles:
                continue
            where = Path(folder) / source["pattern"].partition("{name}")[0]
            if not where.is_dir():
                say(
                    f"{source['name']}: left out, {where} is not there. CARD.md tells how to get it; the model will be another."
                )
                continue
        found += [text for text in _source(Path(folder), source) if text.role in roles]
    return found


def part(document: str) -> str:
    """train (80 %), dev (5 %) or test (15 %): where this document belongs, in every language."""
    place = xxhash.xxh3_64_intdigest(f"globmed lid {document}".encode()) % 20
    return "test" if place < 3 else "dev" if place == 3 else "train"


def _source(folder: Path, source: dict) -> Iterator[Text]:
    held_out = tuple(source.get("held_out", ()))
    for name, label in _files(folder, source):
        path = folder / source["pattern"].format(name=name)
        documents = folder / source["documents"].format(name=name) if "documents" in source else None
        for document, text in READERS[source["reader"]](path, documents):
            role = source["role"]
            if role == "train":
                role = "test" if held_out and document.startswith(held_out) else part(document)
            elif role == LEARNT:
                role = "train"
            text = " ".join(text.split())
            if label == STRANGERS:
                script = fold(text).script
                if script in source["scripts"]:
                    yield Text(f"{label}_{script}", source["name"], source["domain"], role, document, text)
            elif text:
                yield Text(label, source["name"], source["domain"], role, document, text)


def _files(folder: Path, source: dict) -> Iterator[tuple[str, str]]:
    """Name and label; a source with `others` also has all its other files but those, as strangers."""
    yield from source["files"].items()
    if "others" in source:
        left_out = {*source["files"], *source["others"]}
        first, _, last = source["pattern"].partition("{name}")
        for path in sorted((folder / first).glob(f"*{last}")):
            if path.name.removesuffix(last) not in left_out:
                yield path.name.removesuffix(last), STRANGERS


def _there(path: Path) -> Path:
    if not path.is_file():
        raise GlobmedError(f"{path}: no such file. --data must be a folder that holds the files named in corpus.toml.")
    return path


def _open(path: Path) -> str:
    return _there(path).read_text("utf-8-sig")


def _parallel(path: Path, documents: Path) -> Iterator[tuple[str, str]]:
    texts, names = _open(path).split("\n"), _open(documents).split("\n")
    if len(texts) != len(names):
        raise GlobmedError(f"{path}: {len(texts)} lines, but {documents} has {len(names)}. Use the files as published.")
    return zip((name.split("\t")[0] for name in names), texts)


def _tico(path: Path, documents: Path) -> Iterator[tuple[str, str]]:
    """Locators are document:line."""
    return ((name.split(":")[0], text) for name, text in _parallel(path, documents))


def _afriqa(path: Path, _documents: Path | None) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(_open(path).splitlines()):
        yield f"{path.stem}/{number}", json.loads(line)["question"]


def _csv(path: Path, _documents: Path | None) -> Iterator[tuple[str, str]]:
    """Headerless: question, options, letter. Row i of a subject and split is the same item in every language."""
    item = re.match(r"(.+_(?:test|val|dev))", path.stem).group()
    for number, row in enumerate(csv.reader(_open(path).splitlines(keepends=True))):
        for text in row[:1] + [option for option in row[1:5] if len(option) >= LONG_OPTION]:
            yield f"{item}/{number}", text


def _headqa(path: Path, _documents: Path | None) -> Iterator[tuple[str, str]]:
    for exam in json.loads(_open(path))["exams"].values():
        for question in exam["data"]:
            yield exam["name"], question["qtext"]


def _casimedicos(path: Path, _documents: Path | None) -> Iterator[tuple[str, str]]:
    """A case is the sentences from one "QUESTION TYPE:" (English in every language, so left out) to the next."""
    from ..sources.rows import Row
    from ..sources.tokens import members, sentences

    archive, language = str(path).split("#")
    for (name, split), data in members(Path(archive)).items():
        if name != language:
            continue
        case = 0
        for text in sentences(data, Row({}, archive, f"{archive}, {name}/{split}.tsv")):
            if text.startswith("QUESTION TYPE"):
                case += 1
            elif len(text) >= LONG_OPTION:
                yield f"casimedicos/{split}/{case}", text


def _medquad(path: Path, _documents: Path | None) -> Iterator[tuple[str, str]]:
    import tarfile
    from xml.etree import ElementTree

    _there(path)
    with tarfile.open(path) as archive:
        for member in sorted(archive.getnames()):
            if member.endswith(".xml"):
                answer = ElementTree.fromstring(archive.extractfile(member).read()).find(".//Answer")
                if answer is not None and answer.text:
                    yield member, " ".join(answer.text.split())[:EXCERPT]


def _pubmedqa(path: Path, _documents: Path | None) -> Iterator[tuple[str, str]]:
    for pmid, article in json.loads(_open(path)).items():
        for text in article["CONTEXTS"]:
            yield pmid, text[:EXCERPT]


def _declaration(path: Path, _documents: Path | None) -> Iterator[tuple[str, str]]:
    """Headings and paragraphs of one language's Universal Declaration of Human Rights, as HTML."""
    for block in _BLOCK.findall(_open(path)):
        yield "udhr", html.unescape(_TAG.sub(" ", block))


READERS = {
    "ntrex": _parallel,
    "tico": _tico,
    "afriqa": _afriqa,
    "csv": _csv,
    "headqa": _headqa,
    "casimedicos": _casimedicos,
    "medquad": _medquad,
    "pubmedqa": _pubmedqa,
    "declaration": _declaration,
}
