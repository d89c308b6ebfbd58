"""agreement: the figures of a review whose answers are known, and the page that shows them."""

from __future__ import annotations

import html.parser
import json
import random
import re
import shutil
import subprocess

import pytest
from click.testing import CliRunner
from globmed_curation.review import agreement_reviewers, page, statistics
from globmed_curation.review.agreement import Config, figures
from globmed_curation.review.agreement_answers import load
from globmed_curation.review.cli import review as command

from globmed_tools.errors import GlobmedError

from .made import answer, build, items, planted, review

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FIVE = (1, 2, 3, 4, 5)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return items(build(tmp_path_factory.mktemp("made") / "build"))


def of(drawn, code):
    found = [one for one in drawn if one.language == code]
    assert len(found) == 24
    return found


def question(told, name, language):
    [asked] = [one for one in told["questions"] if one["question"] == name]
    [row] = [one for one in asked["languages"] if one["language"] == language]
    return row


def test_figures_are_those_of_the_answers(drawn, tmp_path):
    sw = of(drawn, "sw")
    pairs = [(5, 5)] * 5 + [(4, 5)] * 3 + [(2, 4)] * 2 + [(3, 3)] * 2
    given = [answer(one, name, accuracy=n) for one, pair in zip(sw, pairs) for name, n in zip(("r1", "r2"), pair)]
    given += [answer(one, "r1", accuracy=1) for one in sw[12:15]]  # seen once
    given += [answer(sw[20], "r1", status="draft", accuracy=1), answer(sw[21], "r2", status="discarded")]
    told = figures(load(review(tmp_path / "review", drawn, given)), Config(resamples=200))
    row = question(told, "accuracy", "sw")
    assert (row["answers"], row["items"], row["double"]) == (27, 15, 12)
    assert row["values"] == [[1, 3], [2, 2], [3, 4], [4, 5], [5, 13]] and row["mean"] == pytest.approx(104 / 27)
    assert row["agreement"] == pytest.approx(7 / 12) and row["confusions"] == [[4, 5, 3], [2, 4, 2]]
    units = [dict(zip(("r1", "r2"), pair)) for pair in pairs]
    more = [*units, *[{"r1": 1}] * 3]
    assert row["alpha"] == statistics.alpha(units, FIVE, "ordinal")
    assert row["kappa"] == statistics.kappa(*zip(*pairs), FIVE, "quadratic") and row["kappa_pairs"] == 1
    assert row["ac1"] == statistics.gwet(more, FIVE) and row["ac2"] == statistics.gwet(more, FIVE, "quadratic")
    interval = statistics.alpha_interval(units, FIVE, "ordinal", resamples=200)
    assert (row["alpha_low"], row["alpha_high"]) == (interval.low, interval.high)
    assert told["left_out"] == {"discarded": 1, "draft": 1} and (told["answers"], told["reviewed"]) == (27, 15)
    assert question(told, "accuracy", "all")["alpha"] == row["alpha"]
    json.dumps(told, allow_nan=False)


def test_too_few_and_all_the_same_are_said_and_given_no_figure(drawn, tmp_path):
    sw, zh = of(drawn, "sw"), of(drawn, "zh")
    given = [answer(one, name) for one in sw[:9] for name in ("r1", "r2")]
    given += [answer(one, name) for one in zh[:10] for name in ("r3", "r4")]
    told = figures(load(review(tmp_path / "review", drawn, given)))
    few, same, none = (question(told, "fluency", code) for code in ("sw", "zh", "ar"))
    assert few["note"] == "9 seen by two reviewers, 10 needed for a figure" and few["agreement"] is few["ac1"] is None
    assert (same["agreement"], same["ac1"], same["alpha"], same["kappa"]) == (1, 1, None, None)
    assert "not defined" in same["note"] and none["answers"] == 0 and none["mean"] is None
    with pytest.raises(GlobmedError, match="nothing to compare"):
        figures(load(review(tmp_path / "review", drawn, [answer(sw[0], "r1", status="draft")])))


def test_what_reviewers_did_is_compared_as_yes_or_no(drawn, tmp_path):
    sw = of(drawn, "sw")
    span = {"field": "question", "start": 0, "end": 3, "type": "number"}
    given = [answer(one, "r1", errors=[span], revision={"question": "x"}) for one in sw[:12]]
    given += [answer(one, "r2", errors=[span] * (n < 6), flags=["not_local"]) for n, one in enumerate(sw[:12])]
    told = figures(load(review(tmp_path / "review", drawn, given)), Config(resamples=100))
    shares = {name: question(told, name, "sw")["agreement"] for name in ("marked", "revised", "flagged")}
    assert shares == {"marked": 0.5, "revised": 0, "flagged": 0}
    assert question(told, "revised", "sw")["confusions"] == [["no", "yes", 12]]


def test_severity_is_the_mean_difference_from_the_others(drawn, tmp_path):
    one, other, third, _ = sw = of(drawn, "sw")[:4]
    given = [answer(one, "r1", accuracy=3, seconds=10), answer(one, "r2", accuracy=5), answer(one, "r3", accuracy=4)]
    given += [
        answer(other, "r1", accuracy=2, seconds=30),
        answer(other, "r2", accuracy=3),
        answer(third, "r1", seconds=80),
    ]
    given += [answer(sw[3], "r1", accuracy=None), answer(sw[3], "r3", accuracy=1)]
    told = figures(load(review(tmp_path / "review", drawn, given)))
    rows = {row["reviewer"]: row for row in told["reviewers"]}
    # r1: 3 - 4.5 and 2 - 3; r2: 5 - 3.5 and 3 - 2; r3: 4 - 4
    found = {
        name: (row["severity"]["accuracy"]["items"], row["severity"]["accuracy"]["mean"]) for name, row in rows.items()
    }
    assert found == {"r1": (2, -1.25), "r2": (2, 1.25), "r3": (1, 0.0)}
    assert (rows["r1"]["seconds"], rows["r1"]["timed"], rows["r1"]["answers"]) == (30, 3, 4)
    assert rows["r2"]["seconds"] is None


def spans(item, now: str, before: str) -> tuple[int, int]:
    item = planted(item, "question", before)
    item.translation["question"] = now
    return agreement_reviewers.fault_spans(item)["question"]


@pytest.mark.parametrize(
    "before, now, span",
    [
        ("give 5 mg now", "give 50 mg now", (6, 7)),
        ("give 5 mg now", "give 7 mg now", (5, 6)),
        ("do not give", "do give", (2, 4)),  # gone: the characters beside the gap
        ("aa", "aaa", (2, 3)),
        ("aaa", "aa", (1, 3)),
        ("", "new", (0, 3)),
    ],
)
def test_where_a_planted_fault_stands(drawn, before, now, span):
    assert spans(drawn[0], now, before) == span


@pytest.mark.parametrize(
    "given, signs",
    [
        ({}, []),
        ({"accuracy": 4, "comment": "odd", "flags": ["not_local"]}, []),
        ({"accuracy": 3}, ["accuracy"]),
        ({"safety": "minor"}, ["safety"]),
        ({"errors": [("question", 5, 9)]}, ["span"]),
        ({"errors": [("question", 6, 9)]}, []),  # begins where the fault ends
        ({"errors": [("question", 0, 5)]}, []),
        ({"errors": [("option A", 5, 9)]}, []),
        ({"revision": {"question": "x"}}, ["revision"]),
        ({"revision": {"option A": "x"}}, []),
        ({"accuracy": 1, "safety": "harmful", "revision": {"question": "x"}}, ["accuracy", "safety", "revision"]),
    ],
)
def test_by_which_signs_a_planted_fault_counts_as_seen(drawn, tmp_path, given, signs):
    fault = planted(drawn[0], "question", "give 5 mg now")
    fault.translation["question"] = "give 7 mg now"
    if "errors" in given:
        given = {"errors": [dict(zip(("field", "start", "end", "type"), (*one, "number"))) for one in given["errors"]]}
    other = next(one for one in drawn[1:] if one.language == fault.language)
    answers = [answer(fault, "r1", **given), answer(other, "r1")]
    told = figures(load(review(tmp_path / "review", [*drawn, fault], answers)))
    assert [row["answers"] for row in told["calibration"]] == [{"r1": signs}]
    assert told["reviewers"][0]["calibration"] == {"items": 1, "seen": int(bool(signs))}
    assert question(told, "accuracy", fault.language)["answers"] == 1


@pytest.fixture(scope="module")
def large(drawn, tmp_path_factory):
    """Two languages reviewed by three people each, with planted faults; a third with too little."""
    draw, answers = random.Random(3), []
    faults = [planted(of(drawn, code)[n], "question", "?") for code in ("sw", "ar") for n in (0, 1)]
    for code in ("sw", "ar"):
        for n, item in enumerate([*of(drawn, code), *[one for one in faults if one.language == code]]):
            truth = draw.choice((3, 4, 5, 5))
            for name in (f"{code}-1", f"{code}-2", f"{code}-3")[n % 2 :]:
                rating = {one: max(1, min(5, truth + draw.choice((-1, 0, 0, 0)))) for one in ("accuracy", "fluency")}
                safety = "minor" if rating["accuracy"] < 3 else "safe"
                answers.append(answer(item, name, **rating, safety=safety, seconds=draw.uniform(20, 90)))
    answers += [answer(one, "zh-1") for one in of(drawn, "zh")[:4]]
    return review(tmp_path_factory.mktemp("large") / "review", [*drawn, *faults], answers)


class Reader(html.parser.HTMLParser):
    """Every element is closed by its own name; all text, and every address."""

    VOID = {"meta", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.text, self.addresses, self.ids = [], "", [], []

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self.addresses += [told[name] for name in ("href", "src") if name in told]
        self.ids += [told["id"]] if "id" in told else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, text):
        self.text += text


def test_the_page_holds_the_figures_and_asks_nothing_of_the_network(large, tmp_path):
    shown = CliRunner().invoke(command, ["agreement", str(large), "-o", str(tmp_path / "page.html"), "--json"])
    told = json.loads(shown.output)
    html_ = (tmp_path / "page.html").read_text("utf-8")
    reader = Reader()
    reader.feed(html_)
    reader.close()
    assert reader.open == [] and len(reader.addresses) > 5
    assert all(one.startswith("#") and one[1:] in reader.ids for one in reader.addresses)
    assert "<script" not in html_ and "://" not in html_ and "default-src 'none'" in html_
    row = question(told, "accuracy", "sw")
    assert f"{row['alpha']:.2f}" in reader.text and f"{row['ac1']:.2f}" in reader.text
    assert row["double"] == 24 and row["kappa_pairs"] == 3 and "(3 pairs)" in reader.text
    assert "4 seen" not in reader.text and "0 seen by two reviewers, 10 needed" in reader.text
    for one in told["reviewers"]:
        assert one["reviewer"] in reader.text
    assert (
        page.number(-0.001) == "0.00" and page.number(-0.5) == "\u22120.50" and page.number(0.5, signed=True) == "+0.50"
    )


def test_the_page_shows_a_hostile_name_as_text(drawn, tmp_path):
    given = [answer(one, name) for one in of(drawn, "sw")[:10] for name in ("<script>alert(1)</script>", "r2")]
    told = figures(load(review(tmp_path / "review", drawn, given)))
    html_ = page.render(told, "<b>review</b>")
    assert "<script" not in html_ and "<b>review" not in html_ and "&lt;script&gt;alert(1)&lt;/script&gt;" in html_


def test_the_table_says_the_same_as_the_json(large):
    shown = CliRunner().invoke(command, ["agreement", str(large)])
    told = json.loads(CliRunner().invoke(command, ["agreement", str(large), "--json"]).output)
    assert shown.exit_code == 0
    row = question(told, "safety", "ar")
    line = next(line for line in shown.output.partition("Medical safety")[2].splitlines() if line.split()[:1] == ["ar"])
    assert line.split()[1:3] == ["24", "24"] and page.number(row["ac1"]) in line
    assert re.search(r"sw-1 +13 ", shown.output)  # 12 items, and one of the two with a planted fault


def test_the_same_answers_give_the_same_page(large):
    one, other = (page.render(figures(load(large)), "review") for _ in range(2))
    assert one == other


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_browser_draws_the_page_without_complaint(large, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(page.render(figures(load(large)), "review"), "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"]
    done = subprocess.run(
        [CHROMIUM, *options, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"file://{path}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "CONSOLE" not in done.stderr and done.stdout.count('class="interval"') == 3 * 3
