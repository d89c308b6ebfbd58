"""What the page shows of judgements, in a browser: above all how far to trust them."""

from __future__ import annotations

import shutil

import pytest

from globmed_tools.report import build as building
from globmed_tools.report import page
from globmed_tools.report.page_judged import findings
from tests.report import judging
from tests.report.judging import Judge
from tests.report.test_judge_figures import judge, words

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
browser_only = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
HOSTILE = "</script><img src=x onerror=window.taken=1>"
MODELS = ("org/one", "org/<b onclick=window.taken=1>two</b>")
CODES = ("en", "sw", "ar")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Two models, two judges: one favours what stands first, one refuses three replies and quotes a hostile one."""
    root = tmp_path_factory.mktemp("judged") / "r"
    for number, name in enumerate(MODELS):
        said = {f"globmed_liveqa_{code}": words(f"m{number}", code) for code in CODES}
        said["globmed_liveqa_ar"][0] = f"{HOSTILE} اشرب الماء"
        judging.replies(root / str(number), name, said)
    bad = {
        one: dict(correctness=2, harm="harmful")
        for one in [*words("m0", "ar"), *words("m1", "sw")[:7], f"{HOSTILE} اشرب الماء"]
    }
    with (
        Judge(bad, quote=lambda reply: reply[:60]) as a,
        Judge(bad, verdict=lambda one, other: "A", quote=lambda reply: reply[:9]) as b,
    ):
        b.fates = {one: ["refusal"] for one in words("m0", "en")[:3]}
        return judge(
            root,
            {"first judge": a, HOSTILE: b},
            "--pairwise",
            MODELS[0],
            "--position-check",
            0.5,
            families=("Acme", "Other"),
        )


@pytest.fixture(scope="module")
def chromium(report):
    """After the report: while a browser is driven from here, nothing else may run a loop."""
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(chromium, report, tmp_path):
    """opened(fragment, changes) -> a page; at the end no script has failed, nothing was asked for, nobody took over."""
    kept = []

    def go(fragment="", *, changes=None, **choices):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **choices})
        shown, said, asked = context.new_page(), [], []
        shown.on("console", lambda one: said.append(one.text))
        shown.on("pageerror", lambda one: said.append(str(one)))
        shown.on("request", lambda one: asked.append(one.url))
        shown.goto(page.write(report | (changes or {}), tmp_path / f"{len(kept)}.html").as_uri() + fragment)
        kept.append((context, shown, said, asked))
        return shown

    yield go
    for context, shown, said, asked in kept:
        assert said == [] and len(asked) == 1 and shown.evaluate("window.taken") is None
        context.close()


def texts(shown, selector):
    return [" ".join(one.split()) for one in shown.locator(selector).all_inner_texts()]


def of(report, name):
    (one,) = (one for one in report["boards"] if one["id"] == name)
    return one


def people(**rows):
    """Clinicians' figures: kappa by criterion, of the first judge, over all languages."""
    figure = {"n": 40, "groups": 12, "same": 0.8, "difference": {"value": 0.05, "low": 0.01, "high": 0.09}}
    told = [
        {"judge": 0, "criterion": name, "language": "all", **figure, "kappa": kappa} for name, kappa in rows.items()
    ]
    among = [{**one, "kappa": {"value": 0.75, "low": 0.6, "high": 0.85}} for one in told]
    return {"reviewers": 3, "replies": 40, "rows": told, "among": among}


@browser_only
def test_the_page_says_first_that_nobody_validated_the_judges(opened, report):
    shown = opened("#judges?board=judged-overall")
    assert texts(shown, "#judges .samplebar")[0].startswith("Not validated: no clinician rated these replies.")
    first = texts(shown, '[data-board="judged-overall"] .look span')
    assert "No clinician rated these replies: the judges are not validated." in first[0]
    assert first[1].startswith("3 of 72 replies have no score here")
    assert any("gives another verdict in the other order in 100 % of the pairs" in one for one in first)
    assert not shown.locator('[data-board="gen-chrf"]').is_visible()
    assert "not validated" not in " ".join(texts(shown, '[data-board="gen-chrf"]'))


@browser_only
def test_scores_by_judge_and_language_are_the_reports(opened, report):
    shown = opened("#judges?jmetric=correctness&judge=first+judge")
    found = report["judged"]
    order = sorted(CODES, key=lambda code: code == "sw")  # high-resource first
    rows = shown.locator("#table-judge tbody tr")
    for m, name in enumerate(MODELS):
        row = rows.filter(has_text=name)
        values = found["by_judge"]["correctness"][0]["value"][
            found["models"].index([one["name"] for one in report["models"]].index(name))
        ]
        wanted = [f"{values[found['languages'].index(code)]:.2f}" for code in order]
        assert row.locator("td .n").all_inner_texts() == wanted, m
    shown.locator("#judges select").nth(1).select_option(label=HOSTILE)
    assert "9 of 12" in shown.locator("#table-judge").inner_text()
    shown.locator("#judges select").first.select_option("harm")
    assert "share of replies with the best value" in shown.locator("#caption-judge").inner_text()
    assert "Values given: freedom from harm" in shown.locator("#judges").inner_text()
    shown.locator("#filter [name=lang]").select_option("low")
    assert shown.locator("#table-judge tbody tr").first.locator("td").count() == 1


@browser_only
def test_doubts_stand_in_tables_and_hostile_text_is_text(opened, report):
    shown = opened("#judges")
    told = shown.locator("#judges").inner_text()
    assert "another verdict in the other order in 100 % of 36 pairs" not in told, "one item is the same reply twice"
    assert "another verdict in the other order in 100 % of 35 pairs" in told
    assert HOSTILE in texts(shown, "#table-jlist tbody th")
    assert "refusal 3" in texts(shown, "#table-jlist tbody tr")[1]
    shown.locator("#quotes summary").click()
    quote = shown.locator("#quotes .said", has_text="اشرب الماء").first
    assert HOSTILE in quote.inner_text() and quote.get_attribute("lang") == "ar"
    assert shown.locator("#judges img, #judges b[onclick]").count() == 0
    assert texts(shown, "#table-jpairs tbody tr")[0].startswith(MODELS[1])


@browser_only
def test_a_judge_of_the_own_family_is_marked_beside_its_scores(opened, report):
    figure = {"value": 0.8, "low": 0.7, "high": 0.9}
    told = {"model": 0, "judges": [1], "with": figure, "without": figure | {"value": 0.6}}
    judged = report["judged"] | {"own_family": {"models": [told], "preference": []}}
    name = report["models"][0]["name"]
    shown = opened("#judges?judge=first+judge&board=judged-overall", changes={"judged": judged})
    assert "(own family)" not in shown.locator("#table-judge").inner_text()
    shown.locator("#judges select").nth(1).select_option(label=HOSTILE)
    assert f"{name} (own family)" in first_column(shown, "judge")
    assert texts(shown, "#table-jfamily tbody tr") == [f"{name} {HOSTILE} 0.80 0.70 to 0.90 0.60 0.70 to 0.90"]


def first_column(shown, table):
    return texts(shown, f"#table-{table} tbody tr > :first-child")


@browser_only
def test_agreement_with_clinicians_stands_above_all_others(opened, report):
    kappa = {"value": 0.52, "low": 0.31, "high": 0.7}
    shown = opened("#judges", changes={"judged": report["judged"] | {"clinicians": people(correctness=kappa)}})
    assert texts(shown, "#judges .samplebar")[0].startswith("3 clinicians rated 40 replies of these.")
    (row,) = texts(shown, "#table-jpeople tbody tr")
    assert row == "Correctness first judge all 40 0.52 0.31 to 0.70 0.75 0.60 to 0.85 80 % +0.05 +0.01 to +0.09"


def test_low_or_unknown_agreement_is_to_be_looked_at(report):
    def first(**rows):
        judged = report["judged"] | {"clinicians": people(**rows)}
        return findings(report | {"judged": judged}, of(report, "judged-overall"))[0]

    good = {"value": 0.8, "low": 0.7, "high": 0.9}
    assert first(correctness=good)["level"] == "know" and "kappa 0.80 (0.70 to 0.90)" in first(correctness=good)["text"]
    low = first(correctness=good, harm={"value": -0.1, "low": None, "high": None})
    assert low["level"] == "look" and "first judge on harm, kappa −0.10" in low["text"]
    assert "too few, or too much alike" in first(harm={"value": None, "low": None, "high": None})["text"]
    assert findings(report, of(report, "gen-chrf")) == []


def test_a_bias_is_told_where_it_is_sure(report):
    def told(**row):
        usual = {"judge": 0, "criterion": "correctness", "n": 40, "groups": 12, "same": 0.5, "kappa": None}
        judged = report["judged"] | {
            "position": [usual | row],
            "own_family": {"models": [], "preference": []},
            "length": [],
        }
        lines = findings(report | {"judged": judged}, of(report, "judged-correctness"))
        return [one["text"] for one in lines if "order of the prompt" in one["text"]]

    assert told(difference={"value": -0.2, "low": -0.3, "high": -0.1}) == [
        "first judge grades by the order of the prompt: −0.200 where the reply comes first."
    ]
    assert told(difference={"value": -0.2, "low": -0.5, "high": 0.1}) == []
    assert len(told(difference={"value": -0.25, "low": None, "high": None})) == 1
    assert told(difference={"value": -0.25, "low": None, "high": None}, groups=4) == []


def test_without_judgements_there_is_no_section(tmp_path):
    judging.replies(tmp_path / "r", "org/one", {"globmed_liveqa_en": ["a", "b"]})
    found = building.build(
        [str(tmp_path / "r")], building.Asked(resamples=100, workers=1, items=0), say=print, quiet=True
    )
    text = page.render(found)
    assert (
        found["judged"] is None and 'id="judges"' not in text and "Judges, and how far" not in text.split("<script>")[0]
    )


@browser_only
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_judgements_without_moving_sideways(opened, scheme):
    shown = opened("#judges", viewport={"width": 360, "height": 800}, color_scheme=scheme)
    shown.evaluate("document.querySelectorAll('#judges details').forEach((one) => { one.open = true; })")
    assert shown.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    wide = "[...document.querySelectorAll('#judges .scroll')].filter(one => one.scrollWidth > one.clientWidth && one.tabIndex !== 0).length"
    assert shown.evaluate(wide) == 0
    colours = "getComputedStyle(document.querySelector('#judges .samplebar')).backgroundColor"
    assert shown.evaluate(colours) == {"light": "rgb(255, 244, 220)", "dark": "rgb(51, 39, 15)"}[scheme]
