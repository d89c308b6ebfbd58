"""An item as Argilla shows it: original and translation side by side, what checks found, what reviewers said.

    <div class="gm"><style>...</style>
    <div class="gm-part">Question</div><div class="gm-row"><div dir="ltr" lang="en">...</div><div dir="rtl" ...</div></div></div>

HTML in a Markdown field, which Argilla cleans before it shows it. (Its custom fields put a record's texts into a script as they
are: a text with "</script>" in it would end that script.) Everything that comes from an entry is escaped; no line is empty,
for an empty line would end the HTML and begin Markdown. The style also gives the direction of the language to the field in which
errors are marked and to what is written; Argilla does not to the one, and guesses for the other.
"""

from __future__ import annotations

import difflib
import html
import re
from typing import Any

from globmed_tools import languages

from . import model, questions
from .model import Item
from .sheet_workbook import part

_STYLE = """
.gm{font-size:15px;line-height:1.6}
.gm-row{display:grid;grid-template-columns:1fr 1fr;gap:0 20px;padding-bottom:10px}
.gm-row>div{white-space:pre-wrap;overflow-wrap:anywhere;min-width:0;text-align:start}
.gm-part,.gm-head{font-size:12px;opacity:.7;padding-top:2px}
.gm-head{font-weight:600;padding-bottom:2px}
.gm-one{padding-top:10px}
.gm-right{opacity:1;font-weight:600;color:#2a9d4a}
.gm-none{opacity:.6;font-style:italic}
.gm mark{background:#ffd33d66;color:inherit;border-bottom:2px solid #d29922}
.gm .gm-Arab{font-size:17px;line-height:1.8}
.gm ul{margin:0;padding-inline-start:18px}
"""
#: Argilla's own elements: where errors are marked, and where the revision is written (which it sets in italics).
_ARGILLA = """
p[class^=span-annotation__field],p.content__text.content__text{direction:DIRECTION;text-align:start;overflow-wrap:anywhere}
p[class^=span-annotation__field]{white-space:pre-wrap}
p.content__text.content__text{font-style:normal;line-height:1.6}
"""
#: Argilla draws the bar of a marked error from the left edge of the first letter to the right, as if all words were read so.
_RTL = """
[id^=entity-span-container] .span-entity__line,[id^=entity-span-container] .span-entity__container{transform:translateX(calc(-100% + .5em))}
"""


def both(item: Item) -> str:
    """Original and translation, part beside part."""
    source, target = languages.get(item.original["language"]), languages.get(item.language)
    head = "".join(f'<div dir="{one.direction}">{_text(one.name)}</div>' for one in (source, target))
    old, new = model.texts(item.original), model.texts(item.translation)
    rows = [f'<div class="gm-row gm-head">{head}</div>']
    for name in [*old, *(name for name in new if name not in old)]:
        title, right = _title(item, name)
        rows.append(f'<div class="gm-part{" gm-right" if right else ""}">{_text(title)}</div>')
        cells = [
            _cell(old.get(name), source, _evidence(item, name, "source")),
            _cell(new.get(name), target, _evidence(item, name, "translation")),
        ]
        rows.append(f'<div class="gm-row">{"".join(cells)}</div>')
    style = _ARGILLA.replace("DIRECTION", target.direction) + (_RTL if target.direction == "rtl" else "")
    return _page(rows, style)


def findings(item: Item) -> str:
    """What the checks found, one a line."""
    rows = []
    for one in item.findings:
        where = f"{_text(_title(item, one['field'])[0])}: " if one.get("field") in _names(item) else ""
        words = [f"“<bdi>{_text(one[name])}</bdi>”" for name in ("source", "translation") if one.get(name)]
        rows.append(f"<li>{where}{_text(one['what'])}" + (f" ({' / '.join(words)})" if words else "") + "</li>")
    return _page([f"<ul>{''.join(rows)}</ul>"])


def answers(item: Item, row: dict[str, Any]) -> str:
    """What they disagree in, then each reviewer's answer. row: the item's line of adjudication.jsonl."""
    rows = [f'<div class="gm-head">{_text("; ".join(_dispute(one) for one in row["why"]))}</div>']
    for one in row["answers"]:
        said = [f"{_text(title)}: <b>{_text(value)}</b>" for title, value in _said(one)]
        rows.append(f'<div class="gm-one gm-head">{_text(one["reviewer"])}</div><div>{" · ".join(said)}</div>')
        rows += [f"<ul>{''.join(f'<li>{mark}</li>' for mark in _marks(item, one))}</ul>"] if one["errors"] else []
        for name, text in one["revision"].items():
            rows.append(f'<div class="gm-part">{_text(part(item, name))}: as it is, and mended</div>')
            rows.append(f'<div class="gm-row">{_mended(item, name, text)}</div>')
        rows += [f'<div dir="auto">{_text(one["comment"])}</div>'] if one["comment"] else []
    return _page(rows)


def _mended(item: Item, name: str, new: str) -> str:
    """The cells of a text and of what a reviewer made of it, with the words marked in which they differ."""
    target, old = languages.get(item.language), model.text_of(item.translation, name) or ""
    pattern = r"[^\W\d_]+|\d+|\s+|." if target.spaces else r"(?s:.)"
    words = [re.findall(pattern, text, re.DOTALL) for text in (old, new)]
    shown = ["", ""]
    for kind, *places in difflib.SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        for side, (start, end) in enumerate((places[:2], places[2:])):
            some = _text("".join(words[side][start:end]))
            shown[side] += some if kind == "equal" or not some else f"<mark>{some}</mark>"
    return "".join(_cell_of(text, target) for text in shown)


def _dispute(why: dict[str, Any]) -> str:
    values = ", ".join(map(str, why["values"])) if "question" in why else "different texts"
    return f"{(why.get('question') or why['field']).capitalize()}: {values}"


def _said(answer: dict[str, Any]):
    asked = questions.load()
    for one in asked.ratings:
        if answer[one.name] is not None:
            yield one.title, f"{answer[one.name]}"
    labels = {one.value: one.label for one in asked.safety.labels}
    if answer["safety"] is not None:
        yield asked.safety.title, labels[answer["safety"]]
    if flags := [one.title for one in asked.flags if one.name in answer["flags"]]:
        yield "Flags", ", ".join(flags)


def _marks(item: Item, answer: dict[str, Any]):
    labels = {one.value: one.label for one in questions.load().errors.types}
    for one in answer["errors"]:
        words = (model.text_of(item.translation, one["field"]) or "")[one["start"] : one["end"]]
        degree = f", {one['severity']}" if one.get("severity") else ""
        yield f"{_text(part(item, one['field']))}: {_text(labels[one['type']])}{_text(degree)}: “<bdi>{_text(words)}</bdi>”"


def _names(item: Item) -> set[str]:
    return {*model.texts(item.original), *model.texts(item.translation)}


def _title(item: Item, name: str) -> tuple[str, bool]:
    """What a person calls the field, and whether it is the right answer."""
    title = part(item, name)
    return title, name.startswith("option ") and title.endswith(")")


def _cell(text: str | None, language: languages.Language, marked: list[str] = ()) -> str:
    if not text:
        return '<div class="gm-none">(nothing)</div>'
    return _cell_of(_highlighted(text, marked), language)


def _cell_of(shown: str, language: languages.Language) -> str:
    return f'<div class="gm-{language.script}" dir="{language.direction}" lang="{language.code}">{shown}</div>'


def _evidence(item: Item, name: str, side: str) -> list[str]:
    """The words of this field that findings point at; one about all options, or about the item, points into each."""
    fits = {name, "options" if name.startswith("option ") else name}
    names = _names(item)
    return [
        one[side]
        for one in item.findings
        if one.get(side) and (one.get("field") in fits or one.get("field") not in {*names, "options"})
    ]


def _highlighted(text: str, words: list[str]) -> str:
    """The text, escaped, with these words marked wherever they stand as words, or where they stand first."""
    spans: list[tuple[int, int]] = []
    for one in sorted(set(words), key=lambda word: (-len(word), word)):
        found = [each.span() for each in re.finditer(rf"(?<!\w){re.escape(one)}(?!\w)", text)]
        found = found or [each.span() for each in re.finditer(re.escape(one), text)][:1]
        spans += [span for span in found if all(span[1] <= start or end <= span[0] for start, end in spans)]
    out, place = "", 0
    for start, end in sorted(spans):
        out += f"{_text(text[place:start])}<mark>{_text(text[start:end])}</mark>"
        place = end
    return out + _text(text[place:])


def _page(rows: list[str], more: str = "") -> str:
    style = "".join(line.strip() for line in (_STYLE + more).splitlines())
    return f'<div class="gm"><style>{style}</style>\n{chr(10).join(rows)}</div>'


def _text(text: str) -> str:
    """Text as it is, in HTML, in one line."""
    plain = re.sub("[\x00\ud800-\udfff]", "\ufffd", str(text))
    shown = html.escape(plain, quote=True)
    return re.sub(r"[\r\n\v\f\x85\u2028\u2029]", lambda found: f"&#{ord(found[0])};", shown)
