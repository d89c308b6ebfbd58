"""What a model is asked."""

from __future__ import annotations

import pytest

from globmed_tools import languages
from globmed_tools.bench import load, prompts
from globmed_tools.errors import GlobmedError
from tests.test_entry import made


def asked(kind="gen", instructions="native", **changes):
    return prompts.document(made(**changes), kind, instructions)


def test_a_multiple_choice_question_in_its_own_language():
    doc = asked(language="sw", question="Ni ipi?", options=["malaria", "mafua"])
    sw = languages.get("sw")
    assert doc["prompt"] == (
        sw.ask["mcq"].replace("{letters}", "A, B")
        + f"\n\n{sw.words['question']}: Ni ipi?\nA. malaria\nB. mafua\n{sw.words['answer']}:"
    )
    assert (doc["target"], doc["gold"], doc["choices"]) == ("B", 1, []) and asked("ll")["choices"] == ["A", "B"]
    assert doc["prompt"].endswith(doc["shot"]) and sw.ask["mcq"][:20] not in doc["shot"]


def test_english_instructions_around_a_native_question():
    doc = asked(language="sw", question="Ni ipi?", instructions="english")
    assert (
        doc["prompt"].startswith("The following is a multiple-choice question") and "Question: Ni ipi?" in doc["prompt"]
    )
    with pytest.raises(GlobmedError, match="globmed_instructions 'klingon'"):
        asked(instructions="klingon")


def test_labels_are_words_of_the_language():
    doc = asked(language="sw", form="yesno", options=[], answers=[], label="no", context="Maelezo.", question="Je?")
    assert doc["choices"] == [languages.get("sw").labels[label][0] for label in ("yes", "no", "maybe")]
    assert (doc["target"], doc["gold"]) == (doc["choices"][1], 1)
    assert ", ".join(doc["choices"]) in doc["prompt"]


def test_the_likelihood_target_is_an_index_and_long_form_has_a_reference():
    assert asked("ll")["target"] == 1
    doc = asked(form="longform", options=[], answers=[], reference="Because.")
    assert (doc["target"], doc["choices"], doc["gold"]) == ("Because.", [], None)


def test_more_options_than_letters_are_refused():
    with pytest.raises(GlobmedError, match="11 options, at most 10"):
        asked(options=[str(n) for n in range(11)])


@pytest.mark.parametrize("code", languages.codes())
def test_every_document_of_the_sample_can_be_asked_in_every_language(code):
    for name in ("medqa", "mmlu_pro", "pubmedqa", "bionli", "liveqa"):
        for entry in load.load("sample", name, code, "test"):
            doc = prompts.document(entry, "gen", name=name)
            assert doc["set"] == name and "{" not in doc["prompt"] and None not in (doc["target"],)
            assert entry.question in doc["prompt"] and all(option in doc["prompt"] for option in entry.options)
