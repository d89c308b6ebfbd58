"""The guidelines that reviewers of a language read, in Markdown: a common part, what is asked, and a part on the language.

    >>> text("sw").splitlines()[0]
    '# Reviewing translations into Swahili'
    >>> version(text("sw"))              # of what a reviewer saw: it stands in every answer from Argilla as `guideline`
    '5b0e6f0d3a9c1e27'

../guidelines/common.md and <code>.md hold the words, questions.toml what is asked; nothing of it stands here or twice. A team's
own folder may hold files of the same names; each takes the place of ours.
"""

from __future__ import annotations

from pathlib import Path

import xxhash

from globmed_tools import languages
from globmed_tools.errors import GlobmedError
from globmed_tools.languages import Language

from . import questions

FOLDER = Path(__file__).resolve().parents[1] / "guidelines"
COMMON = "common.md"
#: Of a dataset's guidelines, in Argilla 2.8.0: more is refused.
LIMIT = 10_000


def text(language: str, folder: Path | None = None) -> str:
    """The guidelines for one language. folder: a team's own Markdown (<code>.md, common.md). GlobmedError where it has neither
    file, one cannot be read, or the whole is longer than Argilla shows."""
    found = languages.get(language)
    if folder is not None and not any((folder / name).is_file() for name in (COMMON, _name(found))):
        raise GlobmedError(
            f"{folder}: neither {_name(found)} nor {COMMON}. Put one of them there, or name another folder."
        )
    common, own = _read(COMMON, folder), _read(_name(found), folder)
    common = common.replace("{{ language }}", found.name).replace("{{ native }}", found.native)
    whole = f"{common.replace('{{ questions }}', asked())}\n\n{own or _no_part(found)}"
    made = _unwrapped(whole)
    if len(made) > LIMIT:
        where = folder or FOLDER
        raise GlobmedError(
            f"{where}: the guidelines for {found.name} have {len(made):,} characters, and Argilla takes {LIMIT:,}. Shorten "
            f"{COMMON} or {_name(found)}."
        )
    return made


def version(shown: str) -> str:
    """xxh3-64 of guidelines as a reviewer sees them, line ends aside, as 16 hex digits."""
    plain = shown.replace("\r\n", "\n").strip()
    return xxhash.xxh3_64_hexdigest(plain.encode())


def parts(folder: Path | None = None) -> list[str]:
    """The languages that have a part of their own, in the table's order."""
    return [code for code in languages.codes() if _read(f"{code}.md", folder)]


def asked() -> str:
    """What is asked, with every anchor, from questions.toml."""
    found = questions.load()
    blocks = [_question(one.title, one.ask, one.scale) for one in found.ratings]
    blocks.append(_question(found.safety.title, found.safety.ask, found.safety.labels))
    blocks.append(_question(found.errors.title, found.errors.ask, found.errors.types))
    blocks.append(_question("How bad an error is", "", found.errors.severities))
    flags = [f"- **{one.title}**: {one.ask}{' Discard the item.' if one.discards else ''}" for one in found.flags]
    blocks.append("\n".join(["**Flags**, where they apply", "", *flags]))
    blocks.append("\n\n".join(f"**{one.title}**: {one.ask}" for one in (found.revision, found.comment)))
    return "\n\n".join(["## What is asked", *blocks])


def _question(title: str, ask: str, choices: tuple[questions.Choice, ...]) -> str:
    rows = [f"- **{_label(one)}**: {one.anchor}" for one in choices]
    return "\n".join([f"**{title}**: {ask}" if ask else f"**{title}**", "", *rows])


def _label(one: questions.Choice) -> str:
    return f"{one.value} {one.label}" if isinstance(one.value, int) else one.label


def _name(language: Language) -> str:
    return f"{language.code}.md"


def _read(name: str, folder: Path | None) -> str:
    """A file's text: of the team's folder where it is there, else of ours; "" where neither has it."""
    for path in (folder / name if folder else None, FOLDER / name):
        if path is not None and path.is_file():
            try:
                return path.read_text("utf-8-sig").replace("\r\n", "\n").strip()
            except UnicodeDecodeError as error:
                raise GlobmedError(f"{path}: not UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    return ""


def _no_part(language: Language) -> str:
    """What stands in place of a part on the language: that there is none, and what the language table knows."""
    sign = "comma" if language.numbers.get("decimal") == "," else "point"
    told = [f"Decimals are written with a {sign}."]
    if language.digits:
        told.append(f"Figures may be written 0-9 or {language.digits}: one of them throughout.")
    if language.direction == "rtl":
        told.append("The text runs from right to left, figures and Latin words within it from left to right.")
    return (
        f"## What to watch for in {language.name}\n\n"
        f"There is no part on {language.name} yet; what stands above is all there is. {' '.join(told)}"
    )


def _unwrapped(markdown: str) -> str:
    """The text with every paragraph and list item on one line: Argilla shows each line end as a line break."""
    lines: list[str] = []
    code = False
    for line in markdown.split("\n"):
        fence = line.lstrip().startswith(("```", "~~~"))
        joins = not (code or fence) and lines and _continues(lines[-1], line)
        code ^= fence
        if joins:
            lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
        else:
            lines.append(line.rstrip() if not code else line)
    return "\n".join(lines).strip() + "\n"


def _continues(before: str, line: str) -> bool:
    """Whether a line goes on with the paragraph or list item before it."""
    start, ahead = line.lstrip(), before.lstrip()
    if not start or not ahead or before.endswith("  ") or ahead.startswith(("#", "|", "```", "~~~", "---")):
        return False
    number, dot, _ = start.partition(". ")
    return not (start.startswith(("#", "|", ">", "- ", "* ", "+ ", "---", "```", "~~~")) or (dot and number.isdigit()))
