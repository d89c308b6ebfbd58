"""Bad input is named in one line, left out only when asked, and never becomes a number."""

from __future__ import annotations

import json
import re

import orjson
import pytest

from globmed_tools.errors import GlobmedError
from globmed_tools.report import build, compare, gather, runs, samples
from globmed_tools.report.lines import Heads, Tails, whole
from globmed_tools.report.samples import Source
from tests.report import made

VALUES = [1, 0, 1, 1, 0, 1]
LATER = made.DATE.replace("08", "09")


def good(folder):
    return made.run(folder / "good", "org/good", {"globmed_medqa_en": VALUES, "globmed_medqa_sw": VALUES[::-1]})


def bad(folder):
    """A second run, and its Swahili samples."""
    file = made.run(folder / "bad", "org/bad", {"globmed_medqa_en": VALUES, "globmed_medqa_sw": VALUES})
    return file, file.with_name(f"samples_globmed_medqa_sw_{made.DATE}.jsonl")


def cut_in_a_line(file, path):
    path.write_bytes(path.read_bytes()[:-100])


def cut_between_lines(file, path):
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2]))


def written_twice(file, path):
    path.write_bytes(path.read_bytes() * 2)


def of_another_run(file, path):
    path.write_text(path.read_text().replace('"acc": 0.0', '"acc": 1.0'))


def out_of_range(file, path):
    path.write_text(path.read_text().replace('"acc": 0.0', '"acc": 7.0'))


def other_items_then_cut(file, path):
    tasks = {"globmed_medqa_sw": VALUES}
    made.run(path.parent, "org/bad", tasks, content={"question": "Another?"}, date=LATER)
    other = path.with_name(path.name.replace(made.DATE, LATER))
    path.write_bytes(other.read_bytes()[:-100])
    other.unlink()
    file.with_name(f"results_{LATER}.json").unlink()


def zero_bytes(file, path):
    path.write_bytes(b"")


def damaged(file, path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b"\x00" * 300 + b"\n", *lines[2:]]))


def no_group(file, path):
    path.write_text(path.read_text().replace('"group_id"', '"group"'))


def no_samples(file, path):
    path.unlink()


def no_results(file, path):
    file.unlink()


def half_a_result(file, path):
    file.write_bytes(file.read_bytes()[:200])


def no_score(file, path):
    fields = json.loads(file.read_text())
    fields["results"]["globmed_medqa_sw"] = {"alias": "x"}
    file.write_text(json.dumps(fields))


CASES = {
    cut_in_a_line: "samples_globmed_medqa_sw_.*: line 6: the file is cut off",
    cut_between_lines: "samples_globmed_medqa_sw_.*: 4 samples where the result file counts 6",
    written_twice: "samples_globmed_medqa_sw_.*: 12 samples where the result file counts 6",
    of_another_run: "samples_globmed_medqa_sw_.*: mean acc 1.0000 where the result file says 0.6",
    out_of_range: "samples_globmed_medqa_sw_.*: a score outside 0 to 1",
    other_items_then_cut: "samples_globmed_medqa_sw_.*: line 6: the file is cut off",
    zero_bytes: "samples_globmed_medqa_sw_.*: 0 samples where the result file counts 6",
    damaged: "samples_globmed_medqa_sw_.*: line 2: not a line that lm-eval writes",
    no_group: "samples_globmed_medqa_sw_.*: line 1: not a line .*no 'group_id'",
    no_samples: "results_.*: no samples_globmed_medqa_sw_.* beside it",
    no_results: "samples_globmed_medqa_en_.* and 1 more: samples without a result file",
    half_a_result: "results_.*: not a result file of lm-eval",
    no_score: "results_.*: globmed_medqa_sw has no score",
}


def built(folder, **asked):
    """(report or None, the error, what was said)."""
    said = []
    try:
        return build.build([str(folder)], build.Asked(resamples=200, **asked), say=said.append, quiet=True), "", said
    except GlobmedError as error:
        return None, str(error), said


@pytest.mark.parametrize("spoil", CASES, ids=lambda spoil: spoil.__name__)
def test_bad_files_are_named_and_left_out_only_when_asked(tmp_path, spoil):
    good(tmp_path)
    spoil(*bad(tmp_path))
    report, error, (named,) = built(tmp_path)
    assert report is None
    assert error == "1 thing cannot be used (named above). Mend them, or leave them out with --skip-bad."
    assert re.search(f"^cannot be used: .*{CASES[spoil]}", named), named
    report, error, (again,) = built(tmp_path, skip_bad=True)
    assert not error and again == named.replace("cannot be used", "left out")
    assert report["skipped"] == [named.removeprefix("cannot be used: ")]
    rows = {report["models"][row["model"]]["name"]: row for row in report["boards"][0]["leaderboard"]}
    assert rows["org/good"]["score"]["value"] == 0.6667
    assert "org/bad" not in rows or rows["org/bad"]["score"]["value"] is None


def test_on_the_command_line_every_bad_file_is_a_line(command, tmp_path):
    good(tmp_path / "r")
    no_samples(*bad(tmp_path / "r"))
    (tmp_path / "r" / "bad" / "results_x.json").write_text("{}")
    ran = command("globmed", "report", "build", "r", "--json", "-")
    assert "2 things cannot be used" in ran.one_line() and not ran.out
    assert [line[:16] for line in ran.err.splitlines()] == ["cannot be used: "] * 2 + ["globmed: 2 thing"]


def test_a_run_twice_counts_once_and_the_newest(command, tmp_path):
    good(tmp_path / "r")
    made.run(tmp_path / "r" / "again", "org/good", {"globmed_medqa_en": [1] * 6}, date=LATER)
    ran = command("globmed", "report", "build", "r", "--json", "-")
    assert "1 thing cannot be used" in ran.one_line()
    assert "globmed_medqa_en of org/good, which are also in r/again/results_" in ran.err and "NAME=r/good" in ran.err
    report = json.loads(command("globmed", "report", "build", "r", "--skip-bad", "--json", "-").out)
    assert report["boards"][0]["by_language"]["score"] == [[1, 0.6667]]
    report = json.loads(command("globmed", "report", "build", "one=r/good", "two=r/again", "--json", "-").out)
    assert [row["name"] for row in report["models"]] == ["one", "two"]


def test_folders_without_runs(command, tmp_path):
    (tmp_path / "empty").mkdir()
    good(tmp_path / "r")
    assert "no such file or folder" in command("globmed", "report", "build", "absent").one_line()
    ran = command("globmed", "report", "build", "empty", "r")
    assert "1 thing cannot be used" in ran.one_line() and "empty: no results_*.json below it" in ran.err
    ran = command("globmed", "report", "build", "empty", "--skip-bad")
    assert "no scores of globmed tasks are left to report" in ran.one_line()


def test_results_of_other_tasks_alone_are_named_and_beside_ours_are_no_matter(command, tmp_path):
    file = good(tmp_path / "r")
    fields = json.loads(file.read_text())
    fields["results"]["mmlu"] = {"acc,none": 0.9, "alias": "mmlu"}
    file.write_text(json.dumps(fields))
    report = json.loads(command("globmed", "report", "build", "r", "--json", "-").out)
    assert [one["name"] for one in report["sets"]] == ["medqa"]
    (tmp_path / "r" / "other").mkdir()
    fields["results"] = {"mmlu": fields["results"]["mmlu"]}
    (tmp_path / "r" / "other" / "results_x.json").write_text(json.dumps(fields))
    ran = command("globmed", "report", "build", "r")
    assert "1 thing cannot be used" in ran.one_line()
    assert ran.err.splitlines()[0].endswith(
        "other/results_x.json: no scores of globmed tasks in it. Leave this file out."
    )
    assert command("globmed", "report", "build", "r", "--skip-bad").code == 0


def test_releases_of_lm_eval_that_differ_are_told(tmp_path):
    file = good(tmp_path)
    second = made.run(tmp_path / "b", "org/b", {"globmed_medqa_en": VALUES, "globmed_medqa_sw": VALUES})
    for path, release in ((file, "0.4.13"), (second, "0.4.9")):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"lm_eval_version": release}))
    report, error, _said = built(tmp_path)
    assert not error and report["notes"] == ["different releases of lm-eval (0.4.13: org/good; 0.4.9: org/b)"]


def other_data(folder):
    made.run(folder / "b", "org/b", {"globmed_medqa_en": VALUES, "globmed_medqa_sw": VALUES}, data="sample (x)")


def other_version(folder):
    made.run(folder / "b", "org/b", {"globmed_medqa_en": VALUES}, version="1.1")


def other_instructions(folder):
    made.run(folder / "b", "org/b", {"globmed_medqa_en": VALUES}, instructions="english")


def other_shots(folder):
    made.run(folder / "b", "org/b", {"globmed_medqa_en": VALUES}, shots=5)


def fewer_items(folder):
    made.run(folder / "b", "org/b", {"globmed_medqa_en": VALUES[:4]})


def other_text(folder):
    made.run(folder / "b", "org/b", {"globmed_medqa_en": VALUES}, content={"question": "Another question?"})


def a_part(folder):
    made.run(folder / "b", "org/b", {"globmed_medqa_zu": VALUES}, original=100)


REASONS = {
    other_data: "the results come from different data sources: hub, sample",
    other_version: "different task versions: 1.0 (globmed_medqa_en of org/good), 1.1 (globmed_medqa_en of org/b)",
    other_instructions: "different languages of instructions: english (globmed_medqa_en of org/b), native (",
    other_shots: "different numbers of few-shot examples: 0 (globmed_medqa_en of org/good), 5 (",
    fewer_items: "globmed_medqa_en: org/b lacks 2 of the 6 items that other models were asked",
    other_text: "globmed_medqa_en: org/b lacks 6 of the 12 items that other models were asked",
    a_part: "globmed_medqa_zu ran over a part of its items (--limit), globmed_medqa_en over all",
}


@pytest.mark.parametrize("differ", REASONS, ids=lambda differ: differ.__name__)
def test_what_should_not_stand_side_by_side_is_refused(tmp_path, differ):
    good(tmp_path)
    differ(tmp_path)
    report, error, _said = built(tmp_path)
    assert report is None and REASONS[differ] in error and "--force" in error
    report, error, _said = built(tmp_path, force=True)
    assert not error and any(REASONS[differ] in one for one in report["reasons"])


def test_another_prompt_is_seen_where_the_item_is_the_same(tmp_path):
    good(tmp_path)
    file, path = bad(tmp_path)
    path.write_text(path.read_text().replace('"prompt": "', '"prompt": "Please. ', 2))
    found, problems = runs.find([("", tmp_path)])
    data, _bad = gather.gather(found)
    assert not problems
    reasons, _notes = compare.compare(data)
    assert reasons == ["globmed_medqa_sw: org/good was asked 2 items with another prompt than other models"]


def told(path, tails=None):
    """(score, whether it was told by the line's end alone) of every line of a file."""
    tails, found = tails or Tails(), []
    for line in path.read_bytes().splitlines(keepends=True):
        place = tails.place(line)
        known = place >= 0
        found.append((tails.values[place if known else tails.add(line, whole(line).scores)][0], known))
    return found


def test_lines_in_any_order_of_keys_are_read_the_same(tmp_path):
    file = good(tmp_path)
    path = file.with_name(f"samples_globmed_medqa_sw_{made.DATE}.jsonl")
    source = Source(0, path, 6, {"acc": 4 / 6, "answered": 1.0, "in_language": 1.0})
    ordered = samples.read_task("globmed_medqa_sw", "gen", [source])
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    assert told(path) == [(value, number > 0) for number, value in enumerate(VALUES[::-1])]
    other = path.with_name("other.jsonl")
    other.write_bytes(
        b"".join(orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) for row in rows)
    )
    assert told(other) == [(value, False) for value in VALUES[::-1]]
    both = samples.read_task("globmed_medqa_sw", "gen", [source, source._replace(run=1, path=other)])
    assert not ordered.problems + both.problems and not both.other_prompts
    for name in ("ids", "groups", "options"):
        assert getattr(ordered, name).tolist() == getattr(both, name).tolist()
    assert ordered.scores["acc"].tolist() == [VALUES[::-1]] and both.scores["acc"].tolist() == [VALUES[::-1]] * 2
    for name, place in zip((path, other), both.places):
        lines = name.read_bytes().splitlines(keepends=True)
        assert place.tolist() == [sum(map(len, lines[:number])) for number in range(6)]


def test_lines_in_another_order_are_the_same_items(tmp_path):
    """Whatever the first model's order: turned round, from the middle on, some missing, one twice."""
    file = made.run(tmp_path, "m", {"globmed_medqa_en": VALUES})
    path = file.with_name(f"samples_globmed_medqa_en_{made.DATE}.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    orders = ([0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [3, 4, 5, 0, 1, 2], [1, 3, 5], [2, 2, 4], [0, 1, 2, 3, 4, 5])
    sources = []
    for number, order in enumerate(orders):
        one = path.with_name(f"{number}.jsonl")
        one.write_bytes(b"".join(lines[place] for place in order))
        acc = sum(VALUES[place] for place in order) / len(order)
        sources.append(Source(number, one, len(order), {"acc": acc, "answered": 1.0, "in_language": 1.0}))
    found = samples.read_task("globmed_medqa_en", "gen", sources)
    assert not found.problems and not found.other_prompts
    assert len(found.ids) == 7  # the text that one file has twice is an item of its own
    for row, order in enumerate(orders[:4]):
        expected = [VALUES[place] if place in order else None for place in range(6)] + [None]
        assert [None if value != value else value for value in found.scores["acc"][row].tolist()] == expected
    assert [place for place in range(7) if found.places[4, place] >= 0] == [2, 4, 6]


def test_the_beginnings_of_a_file_that_cannot_be_used_are_forgotten():
    heads, line = Heads(), b'{"doc_id": 0, "doc": {"id": "1", "group_id": "2", "prompt": "p", "shot": "s"}}'
    heads.start()
    assert heads.next(line) == -1
    heads.add(line, 7)
    heads.start()
    assert heads.next(line) == 7 and heads.next(line) == -1
    assert heads.next(line.replace(b'"p"', b'"q"')) == -1
    heads.forget(0)
    heads.start()
    assert heads.next(line) == -1 and not len(heads)


def test_a_beginning_counts_only_with_ids_and_prompt_in_it_and_the_next_is_expected_behind_it():
    lines = [b'{"doc": {"id": "%d", "group_id": "2", "prompt": "p", "shot": "s"}}' % number for number in range(4)]
    heads = Heads()
    for number, line in enumerate(lines):
        heads.add(line, number)
    heads.add(lines[0].replace(b'"prompt"', b'"other"'), 9)
    assert len(heads) == 4
    heads.start()
    assert heads.next(lines[2]) == -1
    heads.add(lines[2], 2)
    assert heads.next(lines[3]) == 3


def test_lines_of_another_filter_are_passed_over(tmp_path):
    file = made.run(tmp_path, "m", {"globmed_medqa_en": VALUES})
    path = file.with_name(f"samples_globmed_medqa_en_{made.DATE}.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    both = [one for line in lines for one in (line.replace(b'"filter": "extract"', b'"filter": "none"'), line)]
    path.write_bytes(b"".join(both))
    source = Source(0, path, 6, {"acc": 4 / 6, "answered": 1.0, "in_language": 1.0})
    found = samples.read_task("globmed_medqa_en", "gen", [source])
    assert not found.problems and found.scores["acc"].tolist() == [VALUES]
    assert found.places.tolist() == [[sum(map(len, both[: 2 * number + 1])) for number in range(6)]]


def test_hashes_of_any_length_hide_no_score(tmp_path):
    file = made.run(tmp_path, "m", {"globmed_medqa_en": [0, 1]})
    path = file.with_name(f"samples_globmed_medqa_en_{made.DATE}.jsonl")
    tails = Tails()
    for length in (64, 32, 1):
        path.write_text(re.sub(rf'("\w+_hash": "\w{{{length}}})\w*"', r'\1"', path.read_text()))
        assert [score for score, _known in told(path, tails)] == [0, 1]


def test_texts_that_look_like_keys_do_not_lead_astray(tmp_path):
    trap = 'x", "shot": "y", "filter": "extract", "acc": 1.0} {"doc": {"id": "'
    sources = []
    for number, question in enumerate((trap, trap, f"{trap} z")):
        file = made.run(tmp_path / str(number), "m", {"globmed_medqa_en": [0, 0]}, content={"question": question})
        path = file.with_name(f"samples_globmed_medqa_en_{made.DATE}.jsonl")
        sources.append(Source(number, path, 2, {"acc": 0, "answered": 1, "in_language": 1}))
    found = samples.read_task("t", "gen", sources)
    assert not found.problems and found.scores["acc"][:, :2].tolist()[:2] == [[0, 0]] * 2
    assert found.scores["acc"].shape == (3, 4) and (found.places[2, :2] == -1).all()
    assert told(sources[0].path) == [(0, False), (0, True)]


def test_a_set_that_nobody_can_have_is_a_note(command, tmp_path):
    file = good(tmp_path / "r")
    fields = json.loads(file.read_text())
    fields["results"]["globmed_mednli_sw"] = {"alias": "x"}
    why = "nothing: mednli is not on the hub, users bring their own file; this task has no score"
    fields["configs"]["globmed_mednli_sw"] = {"custom_dataset": f"globmed data: {why}"}
    file.write_text(json.dumps(fields))
    report = json.loads(command("globmed", "report", "build", "r", "--json", "-").out)
    assert report["notes"] == [f"{why.removeprefix('nothing: ')} (globmed_mednli_sw: 1 tasks)"]
    assert [one["name"] for one in report["sets"]] == ["medqa"]
