"""A reviewer in a real browser: signs in, rates, marks an error, mends, comments, submits; exactly that is pulled.

GLOBMED_SCREENSHOTS names a folder for the pictures (else they go into the test's own). Chromium draws Chinese and Arabic only where
the machine has such fonts (Debian: fonts-noto-cjk, fonts-noto-core); the test does not ask for them, whoever looks at the
pictures does.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from globmed_curation.review import model, questions

from .argilla_conftest import MARKS, fresh
from .desk import Desk
from .made import build, items, review

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    *MARKS,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]
#: What the reviewer adds to the last field, machine-written: "(mended)".
MENDED = {"sw": " (imerekebishwa)", "zh": "（已修改）", "ar": " (تم التعديل)"}
RATINGS = {"sw": (4, 3, 5, "minor"), "zh": (5, 4, 4, "safe"), "ar": (2, 3, 1, "harmful")}
#: Word, counted from 0, of the second option that is marked; Chinese has no spaces, there two signs.
TYPES = {"sw": "terminology", "zh": "number", "ar": "mistranslation"}
#: The rectangles of the first and the last character of some words in the field to mark.
CORNERS = """([line, start, length]) => {
  const field = document.querySelector('.text_field_component[name="translation"] p');
  field.scrollIntoView({block: 'center'});
  const node = [...field.childNodes].find(one => one.nodeType === 3 && one.data.includes(line));
  const box = place => {
    const range = document.createRange();
    range.setStart(node, place); range.setEnd(node, place + 1);
    const found = range.getBoundingClientRect();
    return {left: found.left, right: found.right, y: (found.top + found.bottom) / 2};
  };
  const place = node.data.indexOf(line) + start;
  return [box(place), box(place + length - 1)];
}"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    named = os.environ.get("GLOBMED_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def desk(review_server, tmp_path_factory):
    """One item with options in each language, with a finding, pushed for one reviewer."""
    home = tmp_path_factory.mktemp("browser")
    every = items(build(home / "build"))
    finding = {"check": "numbers", "what": "a number differs", "field": "question", "source": None, "translation": None}
    chosen = []
    for code in MENDED:
        mcq = next(one for one in every if one.language == code and one.form == "mcq")
        chosen.append(replace(mcq, reviews=1, findings=[finding], why="flagged"))
    made = Desk(review_server, review(home / fresh(), chosen, []), [("Amina Diallo", ";".join(MENDED), "")])
    made.pushed = {one["language"]: one["id"] for one in made.run("push", made.review)["datasets"]}
    return made


@pytest.fixture(scope="module")
def page(desk):
    """The reviewer's window, signed in through the form."""
    browsers = pytest.importorskip("playwright.sync_api")
    username, password = desk.login("Amina Diallo")
    with browsers.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        window = browser.new_page(
            viewport={"width": 1440, "height": 900}, base_url=f"http://127.0.0.1:{desk.server.port}"
        )
        window.set_default_timeout(60_000)
        window.goto("/sign-in")
        window.fill("input[name=Username]", username)
        window.fill("input[name=Password]", password)
        window.get_by_role("button", name="Sign in").click()
        window.wait_for_url(lambda url: "sign-in" not in url)
        yield window
        browser.close()


def question(page, name: str):
    return page.locator(f'[aria-label="Question: {name}"]')


def mark(page, title: str, line: str, words: str, rtl: bool) -> None:
    """Choose the type of the error and draw the mouse over the words of a line, as a reader of the language does."""
    question(page, "errors").locator(f'label[title="{title}"]').click()
    where = [line, line.index(words), len(words)]
    page.evaluate(CORNERS, where)
    first, last = page.evaluate(CORNERS, where)
    start, end = (first["right"] - 1, last["left"] + 1) if rtl else (first["left"] + 1, last["right"] - 1)
    page.mouse.move(start, first["y"])
    page.mouse.down()
    page.mouse.move((start + end) / 2, first["y"], steps=5)
    page.mouse.move(end, last["y"], steps=5)
    page.mouse.up()
    drawn = page.locator("[id^=entity-span-container] .span-entity__line")
    drawn.wait_for(state="attached")
    # The mark is drawn under the words that were meant: Argilla by itself draws it beside words that read from right to left.
    left, right = min(first["left"], last["left"]), max(first["right"], last["right"])
    box = drawn.bounding_box()
    assert abs((box["x"] + box["width"] / 2) - (left + right) / 2) < 8


@pytest.mark.parametrize("code", MENDED)
def test_what_a_reviewer_does_is_what_is_pulled(desk, page, pictures, code):
    [item] = [one for one in model.open_review(desk.review) if one.language == code]
    texts = model.texts(item.translation)
    page.goto(f"/dataset/{desk.pushed[code]}/annotation-mode")
    question(page, "comment").wait_for()
    page.screenshot(path=pictures / f"{code}-1-opened.png")
    assert page.locator(".gm:has(.gm-head)").inner_text().count(texts["question"]) == 1
    assert "a number differs" in page.locator(".gm:has(li)").inner_text()
    # Original and translation stand side by side, and the translation reads in its own direction.
    sides = page.locator(f'.gm-row:has-text("{texts["question"][:20]}") > div')
    left, right = sides.nth(0).bounding_box(), sides.nth(1).bounding_box()
    assert abs(left["y"] - right["y"]) < 2 and left["x"] + left["width"] <= right["x"]
    reads = "one => getComputedStyle(one).direction"
    directions = [one.evaluate(reads) for one in (sides.nth(1), page.locator('[name="translation"] p').first)]
    assert directions == ["rtl" if code == "ar" else "ltr"] * 2
    # Nothing is filled in but the revision.
    assert page.locator("form input[type=checkbox]:checked").count() == 0
    assert question(page, "comment").locator("p[contenteditable]").inner_text() == ""

    *ratings, safety = RATINGS[code]
    for name, value in zip(("accuracy", "fluency", "completeness"), ratings, strict=True):
        page.locator(f'label[for="{name}_{value}"]').click()
    page.locator(f'label[for="safety_{safety}"]').click()
    page.locator('label[for="flags_not_local"]').click()
    field = "option B"
    words = texts[field][1:3] if code == "zh" else texts[field].split()[-1]
    kind = next(one for one in questions.load().errors.types if one.value == TYPES[code])
    mark(page, kind.label, f"B. {texts[field]}", words, code == "ar")
    page.screenshot(path=pictures / f"{code}-2-marked.png")
    for name, text in (("revision", MENDED[code]), ("comment", f"Tazama. 看。 انظر. {code}")):
        box = question(page, name).locator("p[contenteditable]")
        box.click()
        page.keyboard.press("Control+End")
        page.keyboard.type(text)
    page.screenshot(path=pictures / f"{code}-3-filled-in.png")
    with page.expect_response(lambda one: one.url.endswith("/responses") and one.request.method == "POST") as sent:
        page.get_by_role("button", name="Submit").click()
    assert sent.value.status == 201
    page.get_by_text("You've reached the end of the data").or_(page.locator(".--submitted")).first.wait_for()
    page.screenshot(path=pictures / f"{code}-4-submitted.png")

    [told] = desk.run("pull", desk.review, "--language", code)["datasets"]
    assert told["answers"] == {"submitted": 1, "draft": 0, "discarded": 0} and not told["problems"]
    [got] = [one for one in model.read_answers(desk.review / model.ANSWERS) if one.language == code]
    last = list(texts)[-1]
    start = texts[field].index(words)
    assert (got.item, got.status, got.via, got.reviewer) == (item.id, "submitted", "argilla", "R01")
    assert (got.accuracy, got.fluency, got.completeness, got.safety) == RATINGS[code]
    assert got.errors == [{"field": field, "start": start, "end": start + len(words), "type": TYPES[code]}]
    assert got.revision == {last: texts[last] + MENDED[code]} and got.flags == ["not_local"]
    assert got.comment == f"Tazama. 看。 انظر. {code}"
    assert got.guideline and got.dataset and got.at


def test_the_guidelines_can_be_read_beside_an_item(desk, page, pictures):
    page.goto(f"/dataset/{desk.pushed['ar']}/annotation-mode?page=1&status=submitted")
    question(page, "comment").wait_for()
    page.get_by_text("Guidelines").first.click()
    page.get_by_role("heading", name="Reviewing translations into Arabic").first.wait_for()
    page.wait_for_timeout(1000)  # for the picture: it slides open
    page.screenshot(path=pictures / "ar-5-guidelines.png")
