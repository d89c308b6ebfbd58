"""LiveQA on small self-written files in the original format; no real file is at hand."""

import pytest
from globmed_curation.sources import liveqa
from globmed_curation.sources.common import Drop

from globmed_tools.entry import Entry
from globmed_tools.errors import GlobmedError

NAME = "TREC-2017-LiveQA-Medical-Test-Questions-w-summaries.xml"


def item(key, message, *answers, tag="RefAnswer"):
    found = "".join(f"<{tag}><ANSWER>{answer}</ANSWER><URL>u</URL></{tag}>" for answer in answers)
    return (
        f"<NLM-QUESTION{key}><Original-Question><SUBJECT>Dose</SUBJECT><MESSAGE>{message}</MESSAGE></Original-Question>"
        f"<NLM-Summary> How often? </NLM-Summary><ReferenceAnswers>{found}</ReferenceAnswers></NLM-QUESTION>"
    )


@pytest.fixture
def xml(tmp_path):
    def write(*items, name=NAME, head='<?xml version="1.0" encoding="UTF-8"?>'):
        (tmp_path / name).write_text(f"{head}<Questions>{''.join(items)}</Questions>", "utf-8")
        return tmp_path / name

    return write


def read(path, language=None, split=None):
    return list(liveqa.read([path], language=language, split=split))


def test_the_first_answer_with_text_is_the_reference(xml):
    found = read(
        xml(
            item(' qid="TQ1"', " How &lt;often&gt;\nCafe\u0301? ", " ", " Once <b>a</b> day. ", "Twice."),
            item(' questionid="Q2"', "When?", "<![CDATA[At 5 & 6.]]>", tag="ReferenceAnswer"),
            item("", "Where?", "Here."),
            item(' qid="TQ4"', "Why?", " "),
            item(' qid="TQ5"', "Why?"),
            item(' qid="TQ6"', " ", "So."),
            item(' qid="TQ7"', "Why?", "So.", tag="OtherAnswer"),
        )
    )
    kept = [one for one in found if isinstance(one, Entry)]
    assert [one.reference for one in kept] == ["Once a day.", "At 5 & 6.", "Here."]
    assert (kept[0].question, kept[0].form, kept[0].split) == ("How <often>\nCaf\u00e9?", "longform", "test")
    assert kept[0].tags == {"subject": "Dose", "summary": "How often?", "more_references": "1"}
    assert "more_references" not in kept[1].tags
    assert [one.locator for one in kept] == [NAME + ":TQ1", NAME + ":Q2", NAME + "#3"]
    assert [(one.reason, one.evidence, one.key) for one in found if isinstance(one, Drop)] == [
        ("no_reference", "no text in 1 answers", "TQ4"),
        ("no_reference", "no text in 0 answers", "TQ5"),
        ("empty_question", "", "TQ6"),
        ("no_reference", "no text in 0 answers", "TQ7"),
    ]


@pytest.mark.parametrize(
    "head",
    [
        "<!DOCTYPE Questions>",
        '<!DOCTYPE Questions SYSTEM "x.dtd">',
        '<!DOCTYPE Questions [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE Questions [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_document_types_and_entities_are_refused(xml, head):
    with pytest.raises(GlobmedError, match="line 1: declares a document type or an entity, which is not read"):
        read(xml(item("", "Q?", "A."), head=head))


def test_a_bad_file_says_what_to_do(xml, tmp_path):
    with pytest.raises(GlobmedError, match="not readable XML .undefined entity"):
        read(xml(item("", "&nbsp;", "A.")))
    with pytest.raises(GlobmedError, match="no NLM-QUESTION inside"):
        read(xml())
    with pytest.raises(GlobmedError, match="not readable XML"):
        read(xml(head='<?xml version="1.0" encoding="klingon"?>'))
    (tmp_path / "test.xml").write_bytes(b"")
    with pytest.raises(GlobmedError, match="not readable XML .no element found"):
        read(tmp_path / "test.xml")
    with pytest.raises(GlobmedError, match="cannot be read"):
        read(tmp_path / "no_test.xml")
    unnamed = xml(item("", "Q?", "A."), name="x.xml")
    with pytest.raises(GlobmedError, match="tells no split"):
        read(unnamed)
    assert read(unnamed, split="train", language="en")[0].split == "train"
