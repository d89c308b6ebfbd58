"""LiveQA (TREC 2017 medical), XML: questions of consumers and reference answers.

    <LiveQA-Medical-Test-Questions><NLM-QUESTION qid="TQ1"><Original-Question><SUBJECT>Dose</SUBJECT><MESSAGE>How
     often ...?</MESSAGE></Original-Question><NLM-Summary>How often is ... taken?</NLM-Summary><ReferenceAnswers>
     <RefAnswer><ANSWER>Once a day.</ANSWER></RefAnswer></ReferenceAnswers></NLM-QUESTION></...>

Some answers stand in a ReferenceAnswer. The reference is the first answer with text; more_references counts the others.
The key is qid (or questionid), and without either the question's place in the file. A document type or an entity of
the file's own is refused, since the original has none and both can make a parser read or swell without end.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from globmed_tools import catalog
from globmed_tools.entry import Entry, make
from globmed_tools.errors import GlobmedError

from .common import Drop, judge, split_of
from .rows import Row

PATTERNS = ("TREC-2017-LiveQA-Medical-*.xml",)
_ANSWERS = ("RefAnswer", "ReferenceAnswer")


def read(paths: list[Path], *, language: str | None, split: str | None) -> Iterator[Entry | Drop]:
    """The items of these files; English unless `language` says otherwise."""
    for path in paths:
        part, found = split_of(path, split), list(_root(path).iter("NLM-QUESTION"))
        if not found:
            raise GlobmedError(f"{path}: no NLM-QUESTION inside. Is this an original file of the set?")
        for number, item in enumerate(found, 1):
            key = (item.get("qid") or item.get("questionid") or "").strip()
            locator = f"{path.name}:{key}" if key else f"{path.name}#{number}"
            row = Row({}, locator, f"{path}, question {number}")
            yield _item(item, row, key or str(number), language or "en", part)


def _root(path: Path) -> Element:
    def refuse(*_: object) -> None:
        raise GlobmedError(
            f"{path}, line {parser.CurrentLineNumber}: declares a document type or an entity, which is not read. "
            "Fetch the original file."
        )

    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = parser.UnparsedEntityDeclHandler = refuse
    try:
        parser.Parse(path.read_bytes(), True)
    except OSError as error:
        raise GlobmedError(f"{path}: cannot be read ({error.strerror}). Check the path and its permissions.") from None
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise GlobmedError(f"{path}: not readable XML ({error}). Fetch the file again or mend it.") from None
    return builder.close()


def _item(item: Element, row: Row, key: str, language: str, split: str) -> Entry | Drop:
    def text(path: str) -> str:
        found = item.find(path)
        return "" if found is None else row.clean("".join(found.itertext()))

    question = text("Original-Question/MESSAGE")
    nodes = [
        node for kind in item.findall("ReferenceAnswers/*") if kind.tag in _ANSWERS for node in kind.findall("ANSWER")
    ]
    answers = [answer for node in nodes if (answer := row.clean("".join(node.itertext())))]
    if question and not answers:
        return Drop("no_reference", f"no text in {len(nodes)} answers", row.locator, language, split, key)
    entry = make(
        source="liveqa",
        split=split,
        form="longform",
        language=language,
        key=key,
        question=question,
        reference=answers[0] if answers else None,
        tags={
            "subject": text("Original-Question/SUBJECT"),
            "summary": text("NLM-Summary"),
            "more_references": len(answers) - 1 if len(answers) > 1 else None,
        },
        locator=row.locator,
        licence=catalog.get("liveqa").origin,
    )
    return judge(entry, key)
