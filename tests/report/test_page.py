"""The page: one file that holds the report, and what a reader does with it in a browser."""

from __future__ import annotations

import html.parser
import json
import re
import shutil
from base64 import b64encode
from hashlib import sha256

import pytest

from globmed_tools.report import build as building
from globmed_tools.report import page
from tests.report import made

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOSTILE = "</script><script>window.taken=1</script><img src=x onerror=window.taken=1> & \"\u202efdp'"
NAMES = ("org/good", "org/poor", "org/<b onclick=window.taken=1>x</b>")
CODES = ("en", "sw", "ar", "fr")
N = 24


def tasks(right: dict[str, int], unread: int = 0) -> dict[str, list]:
    """medqa in four languages, so many right; of the Swahili replies so many with no answer in them; and long form."""
    found = {}
    for code in CODES:
        scores = [(1, 1, 1)] * right[code] + [(0, 1, 1)] * (N - right[code])
        if code == "sw" and unread:
            scores = scores[: N - unread] + [(0, 0, 1)] * unread
        found[f"globmed_medqa_{code}"] = scores
        found[f"globmed_liveqa_{code}"] = [right[code] / N] * 4
    return found


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Three models: one good; one that answers half of the Swahili; one with a hostile name and a run missing."""
    root = tmp_path_factory.mktemp("page")
    made.run(root / "a", NAMES[0], tasks(dict(en=23, sw=21, ar=22, fr=22)), parameters=8_000_000_000, data="sample: x")
    made.run(root / "b", NAMES[1], tasks(dict(en=20, sw=4, ar=15, fr=9), unread=12), data="sample: x")
    third = tasks(dict(en=18, sw=12, ar=11, fr=20))
    del third["globmed_medqa_ar"]
    made.run(root / "c", NAMES[2], third, parameters=500_000_000, data="sample: x")
    asked = building.Asked(resamples=200, workers=1, base=("org/poor=org/good",))
    found = building.build([str(root)], asked, say=print, quiet=True)
    item = found["items"]["items"][0]
    item["texts"]["ar"]["text"] = "سؤال: أي معدن؟ " + HOSTILE
    for code in item["replies"]:
        item["replies"][code][0] = [HOSTILE + code, len(HOSTILE) + 2, HOSTILE, "stated", 0.0, 0.0]
    found["notes"].append("a note " + HOSTILE)
    return found


@pytest.fixture(scope="module")
def file(report, tmp_path_factory):
    return page.write(report, tmp_path_factory.mktemp("out") / "report.html")


class Scripts(html.parser.HTMLParser):
    """The script elements of a page, and every attribute that could name an address."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[dict, str]] = []
        self.links: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.inside = tag == "script"
        if self.inside:
            self.found.append((dict(attrs), ""))
        self.links += [value for name, value in attrs if name in ("src", "href", "action")]

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.found[-1] = (self.found[-1][0], self.found[-1][1] + data)


def test_the_file_holds_the_report_and_names_no_address(report, file):
    text = file.read_text("utf-8")
    scripts = Scripts(text)
    assert scripts.links and all(link.startswith("#") for link in scripts.links)
    data = {found["id"]: json.loads(body) for found, body in scripts.found if found.get("type") == "application/json"}
    assert data["data-items"] == report["items"]
    assert [data["data-board-" + one["id"]] for one in report["boards"]] == report["boards"]
    assert data["data-report"]["models"] == report["models"]
    [script] = [body for found, body in scripts.found if not found]
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text and "default-src 'none'" in text
    assert text.count("<script") == len(data) + 1 == len(report["boards"]) + 3


def test_warnings_stand_on_top_and_a_clean_report_has_none(report, tmp_path):
    def head(changes):
        text = page.write(report | changes, tmp_path / "w.html").read_text("utf-8")
        return re.sub(r"\s+", " ", text.split("<main>")[0].split("<body>")[1])

    forced = head({"reasons": ["medqa has 10 items in a, 20 in b"], "skipped": ["x.jsonl: cut short"]})
    assert 'role="alert"' in forced and "<bdi>medqa has 10 items in a, 20 in b</bdi>" in forced
    assert "x.jsonl: cut short" in forced
    assert "All of these results are on the sample" in forced and "Do not quote these scores" in forced
    runs = [one | {"runs": [run | {"data": ["hub"]} for run in one["runs"]]} for one in report["models"]]
    clean = head({"models": runs, "notes": []})
    assert "alert" not in clean and "sample" not in clean and "Notes" not in clean
    assert "Some of these results" in head({"models": [report["models"][0], *runs[1:]]})


browser_only = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def chromium():
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(chromium, file):
    """opened(fragment, width) -> a page; at the end no script has failed, nothing was asked for, nobody took over."""
    kept = []

    def go(fragment="", *, width=1280, which=file, **choices):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **choices)
        shown = context.new_page()
        said, asked = [], []
        shown.on("console", lambda one: said.append(one.text))
        shown.on("pageerror", lambda one: said.append(str(one)))
        shown.on("request", lambda one: asked.append(one.url))
        shown.goto(which.as_uri() + fragment)
        kept.append((context, shown, said, asked))
        return shown

    yield go
    for context, shown, said, asked in kept:
        assert said == [] and len(asked) == 1
        assert shown.evaluate("window.taken") is None
        context.close()


def texts(shown, selector):
    return [" ".join(one.split()) for one in shown.locator(selector).all_inner_texts()]


def first_column(shown, table):
    return texts(shown, f"#table-{table} tbody tr > :first-child")


def heads(shown, table):
    """The headings, without the arrows and what stands under them."""
    return [re.split("[↕▲▼]", one)[0] for one in texts(shown, f"#table-{table} thead tr:last-child th button")]


def cell(shown, table, row, place):
    return shown.locator(f"#table-{table} tbody tr", has_text=row).locator("td.cell").nth(place)


@browser_only
def test_every_section_is_filled_and_what_is_missing_is_no_zero(opened, report):
    shown = opened()
    shown.locator("#items").scroll_into_view_if_needed()
    shown.wait_for_selector("#table-grid")
    empty = "[...document.querySelectorAll('main section > .body')].filter(one => !one.textContent.trim()).map(one => one.parentNode.id)"
    assert shown.evaluate(empty) == []
    assert shown.locator("main section > .body").count() == len(page.SECTIONS)
    row = texts(shown, "#table-leaderboard tbody tr")[-1]
    assert row.startswith(NAMES[2]) and "no score: 1 of 4 tasks missing" in row and "0.000" not in row
    assert "no run" in cell(shown, "languages", NAMES[2], 2).get_attribute("aria-label")
    assert cell(shown, "languages", NAMES[2], 2).inner_text() == "–"
    gone = shown.locator("#runs li").inner_text()
    assert gone == f"{NAMES[2]}: MedQA (USMLE) (ar)"


@browser_only
def test_a_heading_sorts_by_mouse_and_by_key_and_the_address_brings_it_back(opened):
    shown = opened()
    board = first_column(shown, "leaderboard")
    assert board == [*NAMES]
    shown.locator("#table-leaderboard thead button", has_text="score").click()
    assert first_column(shown, "leaderboard") == board
    assert shown.locator("#table-leaderboard th[aria-sort=descending]").inner_text().startswith("score")
    shown.keyboard.press("Enter")
    assert first_column(shown, "leaderboard") == [NAMES[1], NAMES[0], NAMES[2]], "no score stays last"
    assert shown.evaluate("document.activeElement.dataset.focus") == "sort.leaderboard.score"
    assert "sort.leaderboard=score%2B" in shown.url
    again = opened(shown.url[shown.url.index("#") :])
    assert first_column(again, "leaderboard") == [NAMES[1], NAMES[0], NAMES[2]]
    by_size = shown.locator("#table-leaderboard thead button", has_text="size")
    by_size.click()
    assert first_column(shown, "leaderboard") == [NAMES[0], NAMES[2], NAMES[1]]
    by_size.click()
    assert first_column(shown, "leaderboard") == [NAMES[2], NAMES[0], NAMES[1]], "no size stays last"
    shown.locator("#table-languages thead button", has_text="sw").click()
    values = [float(one) for one in texts(shown, "#table-languages tbody td:nth-of-type(4) .n")]
    assert values == sorted(values, reverse=True) and len(set(values)) == 3
    shown.locator("#table-languages tbody button", has_text="org/poor").click()
    assert heads(shown, "languages") == ["model", "en", "ar", "fr", "sw", "mean"]


@browser_only
def test_filters_choose_what_is_shown_and_stand_in_the_address(opened):
    shown = opened()
    shown.locator("#filter [name=lang]").select_option("low")
    assert heads(shown, "languages") == ["model", "sw"]
    score = texts(shown, "#table-leaderboard tbody tr")[0]
    shown.locator("#filter [name=models]").fill("POOR, good")
    shown.wait_for_selector("#told:has-text('2 models of 3')")
    assert first_column(shown, "leaderboard") == [NAMES[0], NAMES[1]]
    assert texts(shown, "#table-leaderboard tbody tr")[0] == score, "no mean is computed anew"
    assert texts(shown, "#told") == ["2 models of 3, 1 of 4 languages"]
    assert "models=POOR%2C+good" in shown.url and "lang=low" in shown.url
    again = opened(shown.url[shown.url.index("#") :])
    assert first_column(again, "leaderboard") == [NAMES[0], NAMES[1]]
    assert again.locator("#filter [name=models]").input_value() == "POOR, good"
    again.locator("#all").click()
    assert len(first_column(again, "leaderboard")) == 3
    again.locator("#filter [name=board]").select_option("gen-chrf")
    assert texts(again, "#leaderboard h2")[0].endswith("Long form, chrF++")
    assert [one.is_visible() for one in again.locator("[data-board]").all()] == [False, True, False]
    broken = opened(
        "#nowhere?board=none&lang=xx&set=none&model=none&sort.leaderboard=none-&scope=constructor&heat=toString&why=none&over=none"
    )
    assert first_column(broken, "leaderboard") == [*NAMES]


@browser_only
def test_a_form_not_kept_is_told_beside_the_score(opened):
    shown = opened()
    poor = cell(shown, "languages", "org/poor", 3)
    assert "unread" in poor.get_attribute("class") and poor.inner_text().split() == ["0.17", "50/100"]
    assert "unread" not in cell(shown, "languages", "org/good", 3).get_attribute("class")
    poor.focus()
    told = shown.locator("#detail-languages").inner_text()
    assert told.startswith("org/poor, Swahili: score 0.167 (")
    assert "an answer read in 50 % of the replies; score among these 0.333" in told
    shown.keyboard.press("ArrowLeft")
    assert shown.locator("#detail-languages").inner_text().startswith("org/poor, Arabic: score 0.625")
    shown.keyboard.press("ArrowUp")
    assert shown.locator("#detail-languages").inner_text().startswith("org/good, Arabic: score 0.917")


@browser_only
def test_a_star_stands_where_holm_leaves_it_and_nowhere_else(opened, report):
    shown = opened("#gaps?model=org%2Fpoor")
    board = report["boards"][0]
    order = [
        k for k in sorted(range(4), key=lambda k: (report["languages"][board["languages"][k]]["tier"] != "high", k))
    ]
    columns = [k for k in order if report["languages"][board["languages"][k]]["code"] != "en"]
    seen = 0
    for m, name in enumerate(NAMES):
        place = next(i for i, one in enumerate(board["models"]) if report["models"][one]["name"] == name)
        for number, k in enumerate(columns):
            p = board["gaps"]["p_holm"][place][k]
            text = cell(shown, "gaps", name, number).inner_text()
            assert ("*" in text) == (p is not None and p < 0.05), (name, m, k, p, text)
            seen += "*" in text
    assert 0 < seen < 8
    rows = dict(zip(first_column(shown, "gap"), texts(shown, "#table-gap tbody td:nth-of-type(2)")))
    assert rows["Swahili"] == "worse" and rows["Arabic"] == "not sure"


@browser_only
def test_gaps_of_the_chosen_set_and_of_a_model_without_samples(opened, tmp_path):
    both = {"globmed_medqa_en": [1] * N, "globmed_medqa_sw": [0] * 12 + [1] * 12, "globmed_bionli_en": [1] * 8}
    both["globmed_bionli_sw"] = [1] * 7 + [0]
    made.run(tmp_path / "r" / "a", "org/a", both)
    file = made.run(tmp_path / "r" / "b", "org/b", both)
    for path in file.parent.glob("samples_*"):
        path.unlink()
    found = building.build([str(tmp_path / "r")], building.Asked(resamples=200), say=print, quiet=True)
    which = page.write(found, tmp_path / "sets.html")
    for fragment, text, sure, over in (
        ("#gaps", "−0.31*", "worse", "all sets"),
        ("#gaps?set=medqa", "−0.50*", "worse", "MedQA (USMLE)"),
        ("#gaps?set=bionli", "−0.13", "not sure", "BioNLI"),
    ):
        shown = opened(fragment, which=which)
        assert cell(shown, "gaps", "org/a", 0).inner_text().split("\n")[0] == text
        assert cell(shown, "gaps", "org/b", 0).inner_text().split("\n")[0] == text.rstrip("*")
        assert over in shown.locator("#gaps").inner_text()
        assert texts(shown, "#table-gap tbody td:nth-of-type(2)") == [sure]
    assert "not tested, for want of samples" in cell(shown, "gaps", "org/b", 0).get_attribute("aria-label")
    assert texts(opened("#pairs", which=which), "#table-pairs tbody tr")[0].startswith("org/b 0.000 not tested 0 / 0")
    assert "result files without samples: org/b (4 tasks)" in shown.locator("header").inner_text()


@browser_only
def test_pairs_read_from_the_side_of_the_chosen_model(opened, report):
    shown = opened("#pairs?base=org%2Fpoor")
    row = texts(shown, "#table-pairs tbody tr")[0]
    board = report["boards"][0]
    good, poor = (
        next(i for i, one in enumerate(board["models"]) if report["models"][one]["name"] == name) for name in NAMES[:2]
    )
    pair = board["pairs"]["models"].index(sorted([good, poor]))
    assert good < poor, "the page has to turn this pair round"
    figures = board["pairs"]["scopes"]["all"]
    low, high = figures["low"][pair], figures["high"][pair]
    assert row.startswith(f"{NAMES[0]} −{figures['value'][pair]:.3f} −{high:.3f} to −{low:.3f} worse")
    assert f"{figures['losses'][pair]} / {figures['wins'][pair]}" in row
    assert "1 comparison cannot be made: runs are missing." in shown.locator("#pairs").inner_text()
    assert "org/poor" in texts(shown, "#table-improvement tbody tr")[0]


@browser_only
def test_untrusted_text_stays_text_in_every_place(opened, report):
    item = report["items"]["items"][0]
    shown = opened(f"#items?item={item['kind']}/{item['set']}/{item['group'][:12]}")
    shown.wait_for_selector("#text-ar")
    visible = HOSTILE.replace("\u202e", "⟦RLO⟧")
    said = shown.locator("#text-sw .said").filter(has_text="sw").all_inner_texts()
    assert visible + "sw" in said
    assert visible in shown.locator("#text-ar .prompt").inner_text()
    assert HOSTILE.replace("\u202e", "⟦U+202E⟧") in shown.locator("header").inner_text()
    assert NAMES[2] in texts(shown, "#items .model")
    assert shown.locator("img, main script, main b[onclick]").count() == 0
    assert "not in Swahili" in shown.locator("#text-sw").inner_text()
    arabic = shown.locator("#text-ar .prompt")
    assert arabic.evaluate("one => [getComputedStyle(one).direction, one.lang]") == ["rtl", "ar"]
    assert shown.locator("#text-sw .prompt").evaluate("one => getComputedStyle(one).direction") == "ltr"
    shown.locator("#items button", has_text="next").click()
    assert "item=gen%2F" in shown.url and shown.locator("#text-en").count() == 1


@browser_only
def test_a_phone_shows_it_without_moving_sideways(opened):
    shown = opened("#items", width=360, device_scale_factor=2, has_touch=True)
    shown.wait_for_selector("#table-grid")
    assert shown.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    wide = "[...document.querySelectorAll('main .scroll')].filter(one => one.scrollWidth > one.clientWidth && one.tabIndex !== 0).length"
    assert shown.evaluate(wide) == 0, "what moves sideways can be reached by key"
    cell(shown, "languages", "org/poor", 0).tap()
    assert shown.locator("#detail-languages").inner_text().startswith("org/poor, English")


@browser_only
def test_print_holds_every_section_and_no_controls(opened):
    shown = opened()
    assert shown.locator("#table-grid").count() == 0, "items wait until they are near"
    shown.emulate_media(media="print")
    assert shown.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    assert shown.locator("#table-grid").count() == 1
    assert not shown.locator("nav").is_visible() and not shown.locator(".arrow").first.is_visible()
    assert shown.locator("#leaderboard .scroll").evaluate("one => getComputedStyle(one).overflow") == "visible"


@browser_only
def test_one_model_no_items_no_english_is_a_page_too(opened, report, tmp_path):
    made.run(tmp_path / "r", "org/one", {"globmed_medqa_sw": [1, 0, 1], "globmedll_medqa_sw": [1, 1, 0]})
    found = building.build(
        [str(tmp_path / "r")], building.Asked(items=0, workers=1, resamples=100), say=print, quiet=True
    )
    shown = opened(which=page.write(found, tmp_path / "one.html"))
    shown.locator("#items").scroll_into_view_if_needed()
    shown.wait_for_selector("#items .body p")
    assert texts(shown, "h1") == ["GlobMed report: org/one, 1 language, 1 set"]
    told = {
        name: " ".join(shown.locator(f"#{name} .body").inner_text().split())
        for name in ("gaps", "pairs", "size", "items", "improvement")
    }
    assert told["gaps"].startswith("There are no English results") and told["pairs"].startswith("There is one model")
    assert told["size"].startswith("Of no model") and told["items"].endswith("without items.")
    assert told["improvement"].endswith("--base.")
    shown.locator("#filter [name=board]").select_option("ll-acc")
    assert "answered" not in shown.locator("#leaderboard").inner_text()
    empty = opened(which=page.write(report | {"boards": [], "items": None, "models": []}, tmp_path / "none.html"))
    assert "There are no results" in empty.locator("main").inner_text()


def test_the_command_writes_the_page(command, tmp_path):
    made.run(tmp_path / "r", "org/one", {"globmed_medqa_sw": [1, 0, 1]})
    ran = command("globmed", "report", "build", "r", "-o", "new/report.html", "--quiet")
    assert ran.code == 0, ran.err
    text = (tmp_path / "new" / "report.html").read_text("utf-8")
    assert "<h1>GlobMed report: org/one, 1 language, 1 set</h1>" in text
