"""The report of a run: its numbers are the manifests', its texts are harmless, its page works in a browser."""

from __future__ import annotations

import html.parser
import json
import re
import shutil
import subprocess
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner
from globmed_curation import folder, pipeline
from globmed_curation.checks.registry import CHECKS
from globmed_curation.cli import curate
from globmed_curation.plan import make_step, read_plan
from globmed_curation.report import cards, figures, marks, report
from globmed_curation.report.examples import Shown
from globmed_curation.report.letters import Letters
from globmed_curation.report.sample import Sample
from globmed_curation.report.tally import Spread

from globmed_tools import entry, manifest, shards
from globmed_tools.errors import GlobmedError

from .originals import headqa, medqa

HOSTILE = "</td></table><script>document.title='taken'</script><img src=x onerror=alert(1)> & \"\u202efdp\" \x07?"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pipeline_file(root: Path) -> Path:
    """A pipeline without what is heavy: pseudo-text in three languages, and three checks that find its planted faults."""
    rules = {name: {"severity": "off"} for name in CHECKS}
    rules |= {"options": {}, "untranslated": {"severity": "drop"}, "negation": {"severity": "flag"}}
    told = {
        "name": "small",
        "languages": ["ar", "sw", "zh"],
        "shard_groups": 20,
        "sources": [{"set": "medqa", "paths": ["medqa"]}, {"set": "headqa", "paths": ["headqa"]}],
        "stages": ["split", {"translate": {"faults": 0.4}}, {"check": {"checks": rules}}],
    }
    path = root / "pipeline.yml"
    path.write_text(json.dumps(told), "utf-8")
    return path


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("originals")
    (root / "medqa").mkdir()
    (root / "headqa").mkdir()
    stems = [f"He is {n + 20} years old and takes {n + 2}.5 mg a day. Which vein is not meant?" for n in range(60)]
    rows = [medqa(stem, gold="ABCDE"[n % 5]) for n, stem in enumerate([HOSTILE, *stems])]
    rows.append(medqa(gold="B", answer="something else"))
    (root / "medqa" / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    items = [(n, {"image": "x.png"} if n == 3 else {}) for n in range(1, 21)]
    (root / "headqa" / "test_HEAD_EN.json").write_text(json.dumps(headqa("en", items)), "utf-8")
    return root


def build(sources: Path, out: Path) -> Path:
    pipeline.run(read_plan(pipeline_file(sources), sources=sources), out)
    return out


@pytest.fixture(scope="module")
def run(sources, tmp_path_factory) -> Path:
    return build(sources, tmp_path_factory.mktemp("run") / "build")


@pytest.fixture(scope="module")
def page(run, tmp_path_factory) -> Node:
    path = report(run, tmp_path_factory.mktemp("page") / "report.html")
    return parsed(path)


class Node:
    """An element of a page: name, attributes, and what stands in it."""

    def __init__(self, name, attributes=()):
        self.name, self.attributes, self.inner = name, dict(attributes), []

    def all(self, name, **attributes):
        for one in self.inner:
            if isinstance(one, Node):
                if one.name == name and all(one.attributes.get(k) == v for k, v in attributes.items()):
                    yield one
                yield from one.all(name, **attributes)

    @property
    def text(self) -> str:
        return "\n" if self.name == "br" else "".join(one if isinstance(one, str) else one.text for one in self.inner)

    def classes(self) -> set[str]:
        return set((self.attributes.get("class") or "").split())


class Reader(html.parser.HTMLParser):
    """A strict reader: every element must be closed by its own name."""

    VOID = {"meta", "col", "br", "img", "input", "link"}

    def __init__(self):
        super().__init__()
        self.open = [Node("page")]

    def handle_starttag(self, tag, attributes):
        self.open[-1].inner.append(node := Node(tag, attributes))
        if tag not in self.VOID:
            self.open.append(node)

    def handle_startendtag(self, tag, attributes):
        self.open[-1].inner.append(Node(tag, attributes))

    def handle_endtag(self, tag):
        assert self.open[-1].name == tag, (self.open[-1].name, tag, self.getpos())
        self.open.pop()

    def handle_data(self, text):
        self.open[-1].inner.append(text)


def parsed(path: Path) -> Node:
    reader = Reader()
    reader.feed(path.read_text("utf-8"))
    reader.close()
    assert len(reader.open) == 1
    return reader.open[0]


def table(page: Node, caption: str) -> list[list[str]]:
    """The cells of the one table whose caption begins so."""
    [found] = [one for one in page.all("table") if any(c.text.startswith(caption) for c in one.all("caption"))]
    return [
        [cell.text.strip() for cell in row.inner if isinstance(cell, Node)]
        for part in found.inner
        if isinstance(part, Node) and part.name in ("thead", "tbody")
        for row in part.all("tr")
    ]


def number(text: str) -> int:
    return int(re.match(r"[\d,]+", text)[0].replace(",", ""))


def stages(run: Path) -> list[tuple[str, shards.ShardManifest]]:
    found = sorted((run / "stages").iterdir(), key=lambda one: one.name)
    return [(one.name, shards.read_manifest(one)) for one in found]


def counted(done: shards.ShardManifest, kind: str) -> Counter:
    return sum((Counter(one.counts[kind]) for one in done.shards), Counter())


def test_the_table_of_stages_says_what_the_manifests_say(run, page):
    head, *rows = table(page, "Entries kept and dropped")
    codes = head[3:]
    assert codes == ["en", "zh", "sw", "ar"]
    for name, done in stages(run):
        at = next(place for place, row in enumerate(rows) if row[0] == name.partition("-")[2])
        mine = [[name, "kept", *rows[at][2:]], ["dropped", *rows[at + 1][1:]]]
        if name == "2-translate":
            assert rows[at][1:3] == ["added", f"{3 * (61 + 19)}"]
            mine = [[name, *rows[at + 1]], rows[at + 2]]
        kept, dropped = list(map(number, mine[0][2:])), list(map(number, mine[1][1:]))
        assert kept == [done.kept, *(counted(done, "kept")[code] for code in codes)]
        assert dropped == [done.dropped, *(counted(done, "dropped")[code] for code in codes)]
    assert stages(run)[-1][1].dropped > 5


def test_the_tables_of_reasons_say_what_the_manifests_say(run, page):
    seen = 0
    for name, done in stages(run):
        if done.dropped:
            head, *rows = table(page, f"Dropped by {name.partition('-')[2]},")
            assert {row[0]: number(row[1]) for row in rows} == done.reasons
            by = {code: sum(number(row[2 + place]) for row in rows) for place, code in enumerate(head[2:])}
            assert by == {code: count for code, count in counted(done, "dropped").items() if count}
            seen += 1
    assert seen == 2


def test_sets_and_splits_add_up_to_what_was_kept(run, page):
    kept = Counter((one.source, one.split, one.language) for one in shards.entries([run]))
    total = 0
    for section in page.all("section", **{"aria-labelledby": "sets"}):
        for place, one in enumerate(list(section.all("table"))[:2]):
            head, *rows = [[c.text for c in row.inner if isinstance(c, Node)] for row in one.all("tr")]
            name = ("headqa", "medqa")[place]
            for row in rows[:-1]:
                assert [number(n) for n in row[2:]] == [kept[name, row[0], code] for code in head[2:]]
            total += number(rows[-1][1])
    assert total == sum(kept.values()) == figures(run)["total"]


def test_every_number_that_leads_somewhere_leads_to_an_example(page):
    from urllib.parse import parse_qs

    names = ("stage", "reason", "language", "set")
    there = [{name: one.attributes[f"data-{name}"] for name in names} for one in page.all("article")]
    asked = [a.attributes["href"] for a in page.all("a") if a.attributes["href"].startswith("#filter?")]
    assert len(asked) > 10 and len(there) > 10
    for address in asked:
        chosen = {name: value for name, [value] in parse_qs(address.partition("?")[2]).items()}
        assert any(chosen.items() <= one.items() for one in there), address
    ids = {one.attributes["id"] for name in ("h2", "h3") for one in page.all(name) if "id" in one.attributes}
    plain = {a.attributes["href"][1:] for a in page.all("a")} - {a[1:] for a in asked}
    assert plain <= ids and len(plain) >= 10


def test_hostile_text_stays_text_and_the_page_may_ask_nothing(run, tmp_path):
    page = parsed(report(run, tmp_path / "page.html", examples=100))
    [script] = page.all("script")
    assert "taken" not in script.text and not list(page.all("img"))
    shown = [one for one in page.all("td") if "document.title='taken'" in one.text]
    assert shown and all("⟦RLO⟧" in one.text and "␇" in one.text and "\u202e" not in one.text for one in shown)
    [policy] = [m.attributes["content"] for m in page.all("meta") if "http-equiv" in m.attributes]
    digest = b64encode(sha256(script.text.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'") and f"script-src 'sha256-{digest}'" in policy
    for one in (*page.all("a"), *page.all("link"), *page.all("image")):
        assert one.attributes["href"].startswith("#")
    assert not re.search(r"url\(|@import", "".join(one.text for one in page.all("style")))


def test_arabic_runs_from_right_to_left_and_evidence_is_marked_on_both_sides(page):
    cells = [one for one in page.all("td") if one.attributes.get("lang")]
    assert {(one.attributes["lang"], one.attributes["dir"]) for one in cells} == {
        ("ar", "rtl"), ("en", "ltr"), ("sw", "ltr"), ("zh", "ltr"),
    }  # fmt: skip
    dropped = list(page.all("article", **{"data-stage": "3-check", "data-language": "ar", "data-reason": "options"}))
    assert dropped
    for one in dropped:
        assert {cell.attributes["lang"] for cell in one.all("td") if list(cell.all("mark"))} == {"ar", "en"}
        spans = [bdi for bdi in one.all("bdi") if bdi.attributes.get("lang") == "ar"]
        assert spans and all(bdi.attributes["dir"] == "rtl" for bdi in spans)
        assert "NOT A TRANSLATION" in one.text and "not reviewed by clinicians" in one.text
        assert sum("gold" in row.classes() for row in one.all("tr")) == 1


def test_the_first_remarks_tell_of_pseudo_text_and_of_no_review(run, page):
    [items] = page.all("ul", **{"class": "eye"})
    first, second, *_ = items.all("li")
    assert first.classes() == {"stop"} and "NOT translations" in first.text
    made = sum(one.translator == "pseudo" for one in shards.entries([run]))
    assert f"{made:,} entries" in first.text and made > 150
    assert "None of the" in second.text and "carries a review" in second.text


def test_the_same_run_gives_the_same_bytes(sources, run, tmp_path):
    again = build(sources, tmp_path / "build")
    pages = []
    for one in (run, again, run):
        log = (one / folder.LOG).read_bytes()
        (one / folder.LOG).unlink()  # times differ from run to run, and nothing else does
        pages.append(report(one, tmp_path / "page.html").read_bytes())
        (one / folder.LOG).write_bytes(log)
    assert pages[0] == pages[1] == pages[2]
    assert all(str(path).encode() not in pages[0] for path in (sources, run, tmp_path))


def test_examples_are_as_many_as_asked_and_fit_the_page(run, tmp_path):
    for most in (0, 1, 3):
        page = parsed(report(run, tmp_path / "page.html", most))
        by = Counter(
            tuple(one.attributes[f"data-{name}"] for name in ("stage", "reason", "language"))
            for one in page.all("article")
        )
        assert max(by.values(), default=0) == most


def test_where_room_is_short_every_bucket_keeps_its_first_example():
    four = [Shown(None, "", f"file:{n}", "", "en") for n in range(4)]
    buckets = [{"key": ("s", name, "en"), "seen": 9, "shown": four} for name in "abcdefghijkl"]
    groups = cards.build(buckets, "x", budget=20_000)
    assert [group["reason"] for group in groups] == list("abcdefghijkl")
    assert all(dict(group["cards"][0]["facts"])["from"] == "file:0" and group["seen"] == 9 for group in groups)
    assert 12 < sum(len(group["cards"]) for group in groups) < 24


def test_a_run_that_is_not_complete_says_so(run, tmp_path):
    out = tmp_path / "build"
    shutil.copytree(run, out)
    (out / manifest.NAME).unlink()
    (out / "stages" / "3-check" / manifest.NAME).unlink()
    page = parsed(report(out))
    assert (out / "report.html").is_file()
    [items] = page.all("ul", **{"class": "eye"})
    assert "not complete" in next(items.all("li")).text and "Still to come: check" in next(items.all("li")).text
    assert figures(out)["stages"][-1]["stage"] == "translate"


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_the_folder_of_one_stage_is_enough(run, tmp_path, format):
    rules = {name: {"severity": "off"} for name in CHECKS} | {"options": {}}
    step = make_step(1, "check", {"checks": rules}, "test")
    pipeline.apply(step, [run / "stages" / "2-translate"], tmp_path / "checked", format=format)
    found = figures(tmp_path / "checked")
    done = shards.read_manifest(tmp_path / "checked")
    [stage] = found["stages"]
    assert found["complete"] and (stage["kept"], stage["dropped"]) == (done.kept, done.dropped)
    assert stage["came"] == done.kept + done.dropped and stage["added"] == 0 and done.dropped
    page = parsed(report(tmp_path / "checked"))
    one = next(page.all("article", **{"data-reason": "options"}))
    assert [th.text.partition(",")[0] for th in next(one.all("thead")).all("th")][1:] == ["Source", "Translation"]


def test_what_was_published_translated_is_shown_beside_its_untranslated_sibling(tmp_path):
    base = dict(source="headqa", split="test", form="mcq", answers=[0], licence="MIT")
    rows = []
    for n in range(4):
        of = dict(base, key=str(n), locator=f"t:{n}")
        made = entry.make(**of, language="en", question=f"Which {n}?", options=["one", "one"])
        rows += [replace(made, translator="someone (as shipped)")]
        rows += [entry.make(**of, language="es", question=f"¿Cuál {n}?", options=["uno", "dos"])]
        rows += [replace(rows[-1], locator=f"again:{n}")]
    path = tmp_path / "entries.jsonl"
    path.write_text("".join(json.dumps(entry.to_dict(row)) + "\n" for row in rows), "utf-8")
    rules = {name: {"severity": "off"} for name in CHECKS}
    for severity, kept in (("drop", 8), ("flag", 12)):
        out = tmp_path / severity
        step = make_step(1, "check", {"checks": rules | {"options": {"severity": severity}}}, "test")
        pipeline.apply(step, [path], out)
        assert figures(out)["total"] == kept == sum(part["all"]["n"] for part in figures(out)["lengths"].values())
        reason = "options" if severity == "drop" else "flagged: options"
        shown = list(parsed(report(out)).all("article", **{"data-reason": reason}))
        assert len(shown) == 4
        for one in shown:
            assert [th.text for th in next(one.all("thead")).all("th")][1:] == [
                "Source, Spanish (es)",
                "Translation, English (en)",
            ]
            assert [mark.text for mark in one.all("mark")] == ["uno", "one", "dos", "one"]


def test_scores_that_a_stage_notes_are_drawn_with_its_threshold_kept_beside_dropped(tmp_path):
    base = dict(source="medqa", split="test", form="longform", reference="r", licence="MIT", locator="t:1")
    kept = [entry.make(**base, key=str(n), language="sw", question=f"Ipi {n}?") for n in range(4)]
    kept = [
        replace(one, checks={"identify_language": {"language": "sw", "score": 0.6 + n / 10}})
        for n, one in enumerate(kept)
    ]
    lost = entry.make(**base, key="9", language="sw", question="Kinzani ubuhlungu?")
    row = shards.drop_row("identify_language", lost, "wrong_language", {"language": "zu", "score": 0.31})
    shard = shards.write_shard(tmp_path, "medqa-0000", kept, [row], key="k")
    fields = ("identify_language", {"threshold": 0.5}, ({"rows": 5},), (shard,), {}, "globmed test")
    shards.write_manifest(tmp_path, shards.ShardManifest(*fields))
    [score] = figures(tmp_path)["scores"]
    assert (score["check"], score["name"], score["low"], score["high"]) == ("identify_language", "score", 0, 1)
    found = score["languages"]["sw"]
    assert (found["kept"]["n"], found["kept"]["p50"], found["dropped"]["n"], found["dropped"]["p50"]) == (
        4,
        0.7,
        1,
        0.31,
    )
    assert sum(found["bins"]["kept"]) == 4 and found["bins"]["dropped"].index(1) == 6
    page = parsed(report(tmp_path))
    [_, cells] = table(page, "identify_language: score, from 0 to 1; threshold 0.5")
    assert cells[:-1] == ["Swahili (sw)", "4", "0.6", "0.6", "0.7", "1", "0.31"]
    [lines] = [path for path in page.all("path") if "limit" in path.classes()]
    assert lines.attributes["d"].startswith("M60.0 ")  # the middle of a picture 120 wide


def test_reviews_are_told_where_there_are_any(tmp_path):
    base = dict(source="medqa", split="test", form="mcq", key="7", options=["a", "b"], answers=[1], licence="MIT")
    one = entry.make(**base, language="en", question="Which?", locator="t:1")
    other = entry.translation(one, "sw", translator="someone", question="Ipi?", options=["a", "b"])
    other = replace(other, review={"outcome": "accepted"})
    shard = shards.write_shard(tmp_path, "medqa-0000", [one, other], [], key="k")
    shards.write_manifest(tmp_path, shards.ShardManifest("check", {}, ({"rows": 2},), (shard,), {}, "globmed test"))
    found = figures(tmp_path)
    assert found["entries"]["reviewed"] == {"sw": 1}
    assert any("1 of 2 kept entries carry a review" in remark["text"] for remark in found["eye"])
    text = report(tmp_path).read_text("utf-8")
    assert "reviewed: accepted" in text and "NOT A TRANSLATION" not in text and "not reviewed by" not in text


def test_what_is_amiss_is_said_in_one_line(run, tmp_path, command):
    for path, message in [
        (tmp_path / "nowhere", "no such folder"),
        (tmp_path, "no manifest.json"),
    ]:
        assert message in command("globmed", "curate", "report", path).one_line()
    (tmp_path / "file").touch()
    for out, message in [(tmp_path, "is a folder"), (tmp_path / "file" / "x.html", "cannot be written")]:
        with pytest.raises(GlobmedError, match=message):
            report(run, out)
    out = tmp_path / "build"
    shutil.copytree(run, out)
    gone = next((out / "stages" / "3-check" / "dropped").iterdir())
    gone.unlink()
    with pytest.raises(GlobmedError, match="this shard was written but is gone"):
        report(out)
    assert not (out / "report.html").exists()


def test_the_command_writes_a_page_or_prints_its_figures(run, tmp_path):
    page = tmp_path / "page.html"
    shown = CliRunner().invoke(curate, ["report", str(run), "--out", str(page), "--examples", "1"])
    assert shown.exit_code == 0 and shown.output.startswith(f"{page}: ") and page.stat().st_size > 20_000
    printed = CliRunner().invoke(curate, ["report", str(run), "--json"])
    found = json.loads(printed.output)
    assert found == json.loads(json.dumps(figures(run)))
    assert found["total"] == shards.read_manifest(run).kept and not (run / "report.html").exists()
    assert CliRunner().invoke(curate, ["report", str(run), "--out", str(page), "--quiet"]).output == ""
    assert CliRunner().invoke(curate, ["report", str(run), "--out", str(page), "--json"]).exit_code == 2


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("15 mg, not 5 mg", "5", "15 mg, not <mark>5</mark> mg"),
        ("ثلاثة لا أكثر", "لا", "ثلاثة <mark>لا</mark> أكثر"),
        ("他不在", "不", "他<mark>不</mark>在"),
        ("Give it, with Food!", "give it with food", "<mark>Give it, with Food</mark>!"),
        ("a < b & c", "< b", "a <mark>&lt; b</mark> &amp; c"),
        ("nothing here", "something", "nothing here"),
        ("15", "5", "15"),
    ],
)
def test_spans_are_marked_where_they_stand(text, span, expected):
    body, count = marks.html(text, [span])
    assert body == expected and count == expected.count("<mark>")


def test_a_long_text_is_cut_around_its_mark_and_says_so():
    text = "word " * 400 + "NEEDLE " + "more " * 400
    body, count = marks.html(text, ["NEEDLE"])
    assert count == 1 and "<mark>NEEDLE</mark>" in body and len(body) < 1300
    before, after = map(int, re.findall(r"(\d+) (?:characters before|more characters)", body))
    shown = re.sub(r"<span.*?</span>|</?mark>", "", body)
    assert before + len(shown) + after == len(text) and shown in text
    assert marks.html("x" * 1000, [])[0] == "x" * 1000


def test_quantiles_are_nearest_ranks():
    spread = Spread()
    for value in range(1, 101):
        spread.add(value)
    assert spread.quantiles() == {"n": 100, "least": 1, "most": 100, "p1": 1, "p5": 5, "p50": 50, "p95": 95, "p99": 99}
    assert spread.bins(0, 100, 4) == [24, 25, 25, 26] and Spread().quantiles() == {"n": 0}


def test_look_alike_letters_are_found(tmp_path):
    letters = Letters()
    base = dict(source="medqa", split="test", form="longform", key="7", licence="MIT", locator="t:1", reference="r")
    for question in ("A man with α and µ", "\u0410 m\u0430n \u0440r\u0435sents"):
        letters.add(entry.make(**base, language="en", question=question), question)
    found = letters.figures()["en"]
    assert found["scripts"]["Cyrillic"] == 4 and found["odd_entries"] == 1 and found["scripts"]["Greek"] == 1
    [worst] = found["worst"]
    assert worst["share"] == round(4 / 12, 3) and set(worst["odd"]) == set("\u0410\u0430\u0440\u0435")


def test_a_sample_does_not_depend_on_the_order():
    def sample(names):
        made = Sample(3)
        for name in names:
            made.offer(("b",), name, "", lambda name=name: name)
        return dict(made.chosen())

    names = [f"entry {n}" for n in range(50)]
    assert sample(names) == sample(reversed(names)) and len(sample(names)[("b",)]) == 3


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_in_a_browser_the_filter_works_and_no_script_fails(run, tmp_path):
    path = report(run, tmp_path / "page.html")
    whole = parsed(path)

    def opened(address: str) -> tuple[Node, str]:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"]
        done = subprocess.run(
            [CHROMIUM, *options, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"file://{path}{address}"],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        assert "CONSOLE" not in done.stderr, [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        (tmp_path / "dom.html").write_text(done.stdout, "utf-8")
        return parsed(tmp_path / "dom.html"), done.stdout

    def shown(page: Node) -> list[dict]:
        return [one.attributes for one in page.all("article") if "hidden" not in one.attributes]

    everything, text = opened("")
    assert len(shown(everything)) == len(list(whole.all("article"))) > 20 and "<title>small: curation" in text
    [form] = everything.all("form")
    assert "hidden" not in form.attributes
    chosen, _ = opened("#filter?stage=3-check&reason=options&language=ar")
    wanted = [
        one
        for one in whole.all("article")
        if [one.attributes[f"data-{name}"] for name in ("stage", "reason", "language")] == ["3-check", "options", "ar"]
    ]
    assert [one["data-set"] for one in shown(chosen)] == [one.attributes["data-set"] for one in wanted] and wanted
    [count] = chosen.all("p", id="count")
    assert count.text == f"{len(wanted)} of {len(list(whole.all('article')))} examples shown"
    [body] = chosen.all("body")
    assert "only" not in body.classes()
    [body] = opened("#filter?stage=3-check&only=1")[0].all("body")
    assert "only" in body.classes()
    visible = [one for one in chosen.all("section") if "group" in one.classes() and "hidden" not in one.attributes]
    assert len(visible) == 1
