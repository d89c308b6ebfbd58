"""Text that was damaged before it came here: found and reported; mended only where the settings say so.

    >>> suspects("70 \\uf06dg/dl at 37 °C"), suspects("37 Â°C")
    ({'private_use': '70 \\uf06dg/dl at 37 °C'}, {'mojibake': '37 Â°C'})

Kinds: mojibake (UTF-8 that was read as Windows-1252: "Â°", "â€™"), c1_control (Windows-1252 read as Latin-1: U+0092 for an
apostrophe), private_use (most often the Symbol font: U+F06D for μ), replacement (U+FFFD, U+FFFC: a character or an object is
lost), look_alike (Cyrillic or Greek letters inside a Latin word, as "раtiеnt" to foil copying), image (an <img> tag: the
item may need its picture).
"""

from __future__ import annotations

import re
from functools import lru_cache

from globmed_tools.errors import GlobmedError

_TAILS = "".join(bytes([one]).decode("cp1252", "ignore") for one in range(0x80, 0xC0))
#: A byte that leads, and bytes that follow, of a UTF-8 sequence; the decoding below is the proof. Behind a capital,
#: "Ã»" closes a quotation («MAÇÃ») rather than stands for "û", and so does "ß“" in German.
_MOJIBAKE = re.compile(f"[\u00c2-\u00de\u00e0-\u00f4][\u0080-\u00bf{re.escape(_TAILS)}]{{1,3}}")
_C1 = re.compile("[\x80-\x9f]")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_LOST = re.compile("[\ufffc\ufffd]")
#: α and µ stand beside Latin letters by right (TNFα, µg), so Greek counts only between two Latin letters that look so.
_LOOK_ALIKE = re.compile("[a-z][\u0400-\u04ff]|[\u0400-\u04ff][a-z]|[a-z][ονρυ][a-z]", re.I)
#: What must stand in a text for _LOOK_ALIKE or _MOJIBAKE to say anything; looking for it is cheap.
_FOREIGN = re.compile("[\u0370-\u04ff\u1c80-\u1c8f]")
_BYTES = f"[\u0080-\u00bf{re.escape(_TAILS)}]"
_SEQUENCE = re.compile(
    f"[\u00c2-\u00de\u00e0-\u00f4]{_BYTES}(?:(?<=[\u00c2-\u00de].)|{_BYTES}(?:(?<=[\u00e0-\u00ef]..)|{_BYTES}))",
    re.S,
)
_IMAGE = re.compile(r"<img\b[^<>]*>", re.I)
_AROUND = 16

#: Adobe's Symbol encoding at U+F000, as Windows programs write it: letters and the signs that medicine uses.
_SYMBOL = dict(
    zip(
        "ABCDEFGHIKLMNOPQRSTUWXYZabcdefghijklmnopqrstuwxyz\x2b\x2d\xa3\xa5\xac\xae\xb0\xb1\xb3\xb4\xb9\xbb\xd6",
        "ΑΒΧΔΕΦΓΗΙΚΛΜΝΟΠΘΡΣΤΥΩΞΨΖαβχδεφγηιϕκλμνοπθρστυωξψζ+−≤∞←→°±≥×≠≈√",
        strict=True,
    )
)
_SYMBOLS = str.maketrans({chr(0xF000 + ord(code)): sign for code, sign in _SYMBOL.items()})


def suspects(text: str) -> dict[str, str]:
    """kind -> the first place of that kind with some text around it; empty where nothing looks damaged."""
    found: dict[str, str] = {}
    if "<" in text and (match := _IMAGE.search(text)):
        found["image"] = _span(text, match)
    if text.isascii():
        return found
    if not text.isprintable():
        for kind, pattern in (("c1_control", _C1), ("private_use", _PRIVATE)):
            if match := pattern.search(text):
                found[kind] = _span(text, match)
    if ("\ufffd" in text or "\ufffc" in text) and (match := _LOST.search(text)):
        found["replacement"] = _span(text, match)
    if _FOREIGN.search(text) and (match := _LOOK_ALIKE.search(text)):
        found["look_alike"] = _span(text, match)
    for match in _MOJIBAKE.finditer(text) if _SEQUENCE.search(text) else ():
        if _decodes(match[0]) and not text[max(0, match.start() - 1) : match.start()].isupper():
            found["mojibake"] = _span(text, match)
            break
    return found


def _span(text: str, match: re.Match) -> str:
    return text[max(0, match.start() - _AROUND) : match.end() + _AROUND]


@lru_cache(maxsize=1 << 14)
def _decodes(run: str) -> bool:
    """True where some beginning of the run is bytes of one UTF-8 character, read as Windows-1252."""
    data = b"".join(one.encode("latin-1") if ord(one) < 256 else one.encode("cp1252") for one in run)
    for size in range(2, len(data) + 1):
        try:
            data[:size].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return True
    return False


def mend_symbols(text: str) -> str:
    """Symbol-font characters as what they show (U+F06D -> μ); signs of other fonts (Wingdings) stay as they are."""
    return text if text.isprintable() else text.translate(_SYMBOLS)


def mend_mojibake(text: str) -> str:
    """The text with its mojibake mended by ftfy; GlobmedError where that package is not installed."""
    try:
        from ftfy import fix_encoding
    except ImportError:
        raise GlobmedError(
            "normalize: mend_mojibake is on, and the package ftfy is not installed. "
            "Run `pip install ftfy`, or set mend_mojibake: false."
        ) from None
    return fix_encoding(text)
