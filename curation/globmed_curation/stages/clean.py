"""One text, cleaned: markup, control and invisible characters, white space, Unicode form; never what medicine means by it.

    >>> clean("Hb&nbsp;&lt;7 g/dL,<br/>WBC 4 x 10<sup>9</sup>/L \\u200b (p<0.05) ")
    ('Hb <7 g/dL,\\nWBC 4 x 10⁹/L (p<0.05)', ['entities', 'tags', 'invisible', 'spaces'])

What stays, and why:
  <  >       are comparison signs unless they enclose the name of an HTML element ("with<or =5 lesions and>5" is text);
             one-letter elements (<b>, <i>) count only where their closing tag is in the text too
  sup, sub   become superscript and subscript digits: 10<sup>9</sup> without its tags would read 109
  µ μ ² ½ °  and all else that only a compatibility form (NFKC) would change; tone marks and dots below that have no
             composed letter stay combining, as NFC leaves them
  U+200C/D   (ZWNJ, ZWJ) behind a letter of a script that joins (Arabic, Indic) or behind an emoji; stray elsewhere
  U+200E/F   and the other direction marks, wherever the text has a letter written from right to left; stray elsewhere
  U+202F     between groups of three digits ("12 500" with any no-break or thin space): the one sign that says that these
             digits are one number. Every other space of this kind, as in "5 mg" or before a French colon, becomes a space
  C1 codes, private-use characters, U+FFFD, <img>: their meaning is not known here; `suspects` reports them

Lines stay lines (laboratory values stand in them); at most one empty line in a row.
"""

from __future__ import annotations

import html
import re
from html.entities import html5
from unicodedata import is_normalized, normalize

_NAMES = (
    "a|abbr|article|b|big|blockquote|body|br|caption|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure|font|footer"
    "|h[1-6]|head|header|hr|html|i|ins|label|li|mark|nav|ol|p|pre|s|section|small|span|strike|strong|table|tbody|td"
    "|tfoot|th|thead|title|tr|u|ul"
)
_ATTRIBUTES = r"""(?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+))*\s*/?"""
_TAG = re.compile(rf"<(/?)({_NAMES}){_ATTRIBUTES}>|<!--.*?-->", re.I | re.S)
_RAISED = re.compile(rf"(.?)<(sup|sub){_ATTRIBUTES}>([^<>]*)</\2\s*>", re.I | re.S)
_RAISED_ALONE = re.compile(rf"<(/?)(sup|sub){_ATTRIBUTES}>", re.I)
_BLOCK = re.compile(
    r"(?:article|blockquote|body|br|caption|center|d[dlt]|div|fig.*|footer|h.*|li|nav|ol|p|pre|section|t.*|ul)", re.I
)
_CELL = re.compile(r"t[dh]", re.I)
_SUPERSCRIPT = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_SUBSCRIPT = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")

_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BREAKS = re.compile("\r\n?|[\v\f\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_JOINING = "\u0600-\u08ff\u0900-\u0dff\ufb50-\ufdff\ufe70-\ufefc\u200c\u200d"
_EMOJI = "\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_INVISIBLE = re.compile(f"[\u00ad\u180e\u200b\u2060-\u2064\ufeff\ufff9-\ufffb]|(?<![{_JOINING}{_EMOJI}])[\u200c\u200d]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f]")
_SPACES = "\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_GROUPS = re.compile("(?<![0-9])[0-9]{1,3}(?:[\u00a0\u2007-\u2009\u202f][0-9]{3})+(?![0-9])")
_SPACE = re.compile(f"[{_SPACES}]")
_RUNS = re.compile(" {2,}")
_LINE_ENDS = re.compile(" ?\n ?")
_EMPTY_LINES = re.compile("\n{3,}")


def is_clean(text: str) -> bool:
    """True where `clean` would change nothing, for the price of a few passes in C; some clean texts are not recognised.

    A text is printable for Python when it has no control, format, private-use, unassigned or surrogate character and no
    space or line end but U+0020, which is all that needs a closer look, but for `\\n`.
    """
    if not text:
        return True
    flat = text.replace("\n", "") if "\n" in text else text
    return (
        flat.isprintable()
        and "  " not in text
        and text[0] not in " \n"
        and text[-1] not in " \n"
        and (flat is text or not (" \n" in text or "\n " in text or "\n\n\n" in text))
        and ("<" not in text or _TAG.search(text) is None and _RAISED_ALONE.search(text) is None)
        and ("&" not in text or _ENTITY.search(text) is None)
        and (text.isascii() or is_normalized("NFC", text))
    )


def clean(text: str, *, one_line: bool = False) -> tuple[str, list[str]]:
    """The cleaned text and the rules that changed it: entities, tags, controls, invisible, spaces, nfc.

    Cleaning once more changes nothing: the rules are applied until nothing is left to do, since a removed character may
    make a tag or an entity whole ("&am\\u200bp;lt;").
    """
    if is_clean(text) and not (one_line and "\n" in text):
        return text, []
    seen: dict[str, None] = {}
    if not (text.isascii() or is_normalized("NFC", text)):  # all that Yoruba, Bengali and Hindi texts need, mostly
        seen["nfc"], text = None, normalize("NFC", text)
    while not is_clean(text) or one_line and "\n" in text:
        before = text
        for name, rule in _RULES.items():
            changed = rule(text)
            if changed != text:
                seen[name], text = None, changed
        if one_line and "\n" in text:
            seen["spaces"], text = None, _RUNS.sub(" ", text.replace("\n", " "))
        if text == before:
            break
    return text, [name for name in _RULES if name in seen]


def _entities(text: str) -> str:
    return _ENTITY.sub(_entity, text) if "&" in text else text


def _entity(match: re.Match) -> str:
    # html.unescape alone would also take "&notit;" for "¬it;"
    return html.unescape(match[0]) if match[1][0] == "#" else html5.get(match[1] + ";", match[0])


def _tags(text: str) -> str:
    if "<" not in text:
        return text
    without = _TAG.sub(_tag, _RAISED.sub(_raised, text))
    # A lone <sup> still says that what follows is an exponent; inner tags were taken out first so that pairs are found.
    return _RAISED_ALONE.sub(_raised_alone, text) if without == text else without


def _tag(match: re.Match) -> str:
    name = match[2]
    if name is None:
        return ""
    if len(name) == 1 and name not in "pP" and f"</{name}".lower() not in match.string.lower():
        return match[0]
    if _CELL.fullmatch(name):
        return " "
    return "\n" if _BLOCK.fullmatch(name) else ""


def _raised(match: re.Match) -> str:
    before, kind, content = match[1], match[2].lower(), match[3].strip()
    small = content.translate(_SUPERSCRIPT if kind == "sup" else _SUBSCRIPT)
    if all(one not in content for one in small):
        return before + small
    # "99mTc" and "5th" read well without a sign; behind a digit, digits need one
    sign = "^_"[kind == "sub"] if before.isdigit() and content[0] in "0123456789+-−" else ""
    return f"{before}{sign}{content}"


def _raised_alone(match: re.Match) -> str:
    if match[1]:
        return ""
    exponent = match.string[match.end() : match.end() + 1]
    return "^" if match[2].lower() == "sup" and exponent.isdigit() else ""


def _controls(text: str) -> str:
    return text if text.isprintable() else _CONTROLS.sub(_control, text)


def _control(match: re.Match) -> str:
    # a half of a surrogate pair cannot be written as UTF-8: it is lost already, and U+FFFD says so
    if match[0] >= "\ud800":
        return "\ufffd"
    return " " if match[0] >= "\x1c" and match[0] != "\x7f" else ""


def _invisible(text: str) -> str:
    if text.isascii():
        return text
    text = _INVISIBLE.sub("", text)
    return _DIRECTION.sub("", text) if _DIRECTION.search(text) and not _RIGHT_TO_LEFT.search(text) else text


def _spaces(text: str) -> str:
    text = _BREAKS.sub("\n", text)
    if _SPACE.search(text):
        text = _SPACE.sub(" ", _grouped(text)).replace(_KEPT, "\u202f")
    if "  " in text:
        text = _RUNS.sub(" ", text)
    if "\n" in text:
        text = _EMPTY_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text))
    return text.strip(" \n")


#: Stands for U+202F while the other spaces are replaced; a control character, so no text has it any more.
_KEPT = "\x00"


def _grouped(text: str) -> str:
    return _GROUPS.sub(lambda match: _SPACE.sub(_KEPT, match[0]), text)


def _nfc(text: str) -> str:
    return text if text.isascii() else normalize("NFC", text)


_RULES = {
    "entities": _entities,
    "tags": _tags,
    "controls": _controls,
    "invisible": _invisible,
    "spaces": _spaces,
    "nfc": _nfc,
}
