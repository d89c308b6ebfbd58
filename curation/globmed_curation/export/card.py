"""The dataset card: README.md for a person, its front matter for the hub and for `datasets`.

    OUT/hub/README.md            all sets; a config a set          load_dataset("OUT/hub", "medqa")
    OUT/hub/medqa/README.md      one set; a config a language      load_dataset("OUT/hub/medqa", "sw")

Every figure is counted from the entries; the wording stands in card.md.jinja and licences.md.jinja.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from globmed_tools import catalog, languages, manifest, templates

from . import chat, columns, gaps, licences
from . import reviews as figures
from .config import Config
from .layouts import File
from .licences import Judgement
from .place import LICENCES
from .tally import UNREVIEWED, SetTally, Tally, findings, split_order

CARD = "README.md"
_TASKS = {
    "mcq": ("multiple-choice", "multiple-choice-qa"),
    "nli": ("text-classification", "natural-language-inference"),
    "yesno": ("question-answering", "closed-domain-qa"),
    "longform": ("question-answering", "open-domain-qa"),
}
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a card is made from. run: the manifest fields of each stage that the entries passed, in order."""

    tally: Tally
    files: tuple[File, ...]
    config: Config
    run: tuple[Mapping[str, Any], ...]

    def sets_in(self, layout: str) -> list[str]:
        return sorted({one.set for one in self.files if one.layout == layout})


def write(folder: Path, layout: str, names: list[str], facts: Facts, *, whole: bool) -> None:
    """Write the card of these sets into `folder`; whole: the card of the layout's root, else of one set's folder."""
    judged = licences.judge({name: facts.tally.sets[name].licences for name in names})
    text = render(layout, names, facts, judged, whole=whole)
    manifest.write_bytes(folder / CARD, text.encode())
    manifest.write_bytes(folder / LICENCES, licence_page(judged, facts.config).encode())


def render(layout: str, names: list[str], facts: Facts, judged: Judgement, *, whole: bool) -> str:
    """The whole card as text."""
    import yaml

    matter = front_matter(layout, names, facts, judged, whole=whole)
    head = yaml.dump(matter, Dumper=_plain_dumper(), allow_unicode=True, sort_keys=False, width=1000)
    sets = [facts.tally.sets[name] for name in names]
    body = (
        _environment()
        .get_template("card.md.jinja")
        .render(
            title=matter["pretty_name"],
            config=facts.config,
            layout=layout,
            whole=whole,
            example=matter["configs"][0]["config_name"],
            pseudo=facts.tally.pseudo,
            sets=[_set_row(one, judged) for one in sets],
            languages=_language_rows(sets),
            parts=_part_rows(sets, facts, layout),
            columns=_columns(layout, sets),
            translators=_translators(sets),
            checks=[(one.name, findings(one)) for one in sets if one.checked],
            reviews=_reviews(sets),
            reviewed=any(outcome != UNREVIEWED for outcome, _ in _reviews(sets)),
            figures=figures.for_card(facts.run, {code for one in sets for code in one.languages()}),
            run=facts.run,
            judged=judged,
            notice=licences.NOTICE,
            gaps=gaps.gaps(facts.tally, names, facts.run, layout),
            citations=sorted({catalog.table()[name].citation for name in names if name in catalog.table()}),
        )
    )
    return f"---\n{head}---\n\n{body}"


def licence_page(judged: Judgement, config: Config) -> str:
    """The licence report for people."""
    made = licences.report(judged, allow=config.allow_licence, mix=config.mix)
    return _environment().get_template("licences.md.jinja").render(made)


def front_matter(layout: str, names: list[str], facts: Facts, judged: Judgement, *, whole: bool) -> dict[str, Any]:
    """The card's YAML, in the hub's terms."""
    sets = [facts.tally.sets[name] for name in names]
    files = [one for one in facts.files if one.layout == layout and one.set in names]
    codes = [code for code in languages.codes() if code in {one.language for one in files}]
    made = any(one.translated() for one in sets)
    title = facts.config.name if whole else f"{facts.config.name} {_title(names[0])}"
    return {
        "pretty_name": title,
        "language": codes,
        **_licence(judged),
        "size_categories": [next((name for limit, name in _SIZES if sum(f.rows for f in files) < limit), "n>10M")],
        "task_categories": ["text-generation"] if layout == "chat" else sorted({_TASKS[one.form][0] for one in sets}),
        "task_ids": sorted({_TASKS[one.form][1] for one in sets}),
        "multilinguality": ["multilingual" if len(codes) > 1 else "monolingual"],
        "language_creators": ["found", "machine-generated"] if made else ["found"],
        "annotations_creators": ["found"],
        "source_datasets": ["extended"],
        "tags": ["medical", "multilingual", *(["pseudo-translated", "not-for-training"] if facts.tally.pseudo else [])],
        "configs": _configs(files, whole),
        "dataset_info": _infos(files, facts, layout, whole),
    }


def _licence(judged: Judgement) -> dict[str, str]:
    if judged.licence not in ("other", "unknown"):
        return {"license": judged.licence}
    name = "per-set licences" if len(judged.sets) > 1 else "see LICENCES.md"
    return {
        "license": "other" if judged.licence == "other" else "unknown",
        "license_name": name,
        "license_link": LICENCES,
    }


def _configs(files: list[File], whole: bool) -> list[dict[str, Any]]:
    """One config a set (whole) or a language; the paths are named one by one, so that nothing else is ever read."""
    found: dict[str, dict[str, list[str]]] = {}
    for one in files:
        path = one.path if whole else one.path.partition("/")[2]
        found.setdefault(_config_name(one, whole), {}).setdefault(one.split, []).append(path)
    return [
        {
            "config_name": name,
            "data_files": [
                {"split": split, "path": paths[0] if len(paths) == 1 else paths}
                for split, paths in sorted(found[name].items(), key=lambda item: split_order(item[0]))
            ],
        }
        for name in sorted(found)
    ]


def _infos(files: list[File], facts: Facts, layout: str, whole: bool) -> list[dict[str, Any]]:
    forms = {_config_name(one, whole): facts.tally.sets[one.set].form for one in files}
    return [
        {"config_name": name, "features": chat.FEATURES if layout == "chat" else columns.features(form)}
        for name, form in sorted(forms.items())
    ]


def _config_name(file: File, whole: bool) -> str:
    return file.set if whole else file.language


def _title(name: str) -> str:
    known = catalog.table().get(name)
    return known.title if known else name


def _set_row(one: SetTally, judged: Judgement) -> dict[str, Any]:
    known = catalog.table().get(one.name)
    licence = next(found for found in judged.sets if found.set == one.name)
    return {
        "name": one.name,
        "title": _title(one.name),
        "form": one.form,
        "entries": one.entries(),
        "groups": one.groups,
        "languages": one.languages(),
        "splits": {split: sum(n for (_, name), n in one.parts.items() if name == split) for split in one.splits()},
        "origin": known.origin if known else "not in the project's catalog",
        "licence": ", ".join(dict.fromkeys(name for part in licence.stated for name in part.names)),
        "classes": ", ".join(licence.classes),
        "rationales": sum(one.rationales.values()),
    }


def _language_rows(sets: list[SetTally]) -> list[dict[str, Any]]:
    rows = []
    for code in languages.codes():
        entries = sum(one.entries(code) for one in sets)
        if not entries:
            continue
        translated = sum(one.translated(code) for one in sets)
        unreviewed = sum(one.reviews[code, UNREVIEWED] for one in sets)
        row = dict(code=code, name=languages.get(code).name, entries=entries, original=entries - translated)
        rows.append({**row, "translated": translated, "reviewed": entries - unreviewed})
    return rows


def _part_rows(sets: list[SetTally], facts: Facts, layout: str) -> list[tuple[str, str, dict[str, int]]]:
    """(set, language, {split: rows}) of this layout's files."""
    names, rows = {one.name for one in sets}, {}
    for one in sorted(facts.files, key=lambda file: (file.set, file.language, split_order(file.split))):
        if one.layout == layout and one.set in names:
            rows.setdefault((one.set, one.language), {})[one.split] = one.rows
    return [(*key, splits) for key, splits in rows.items()]


def _columns(layout: str, sets: list[SetTally]) -> list[tuple[str, str]]:
    if layout == "chat":
        return list(chat.MEANING.items())
    used = {name for one in sets for name in columns.columns(one.form)}
    return [(name, meaning) for name, meaning in columns.MEANING.items() if name in used]


def _translators(sets: list[SetTally]) -> list[tuple[str, str, int]]:
    """(translator, prompt hash or "", entries), by name."""
    total: dict[tuple[str, str], int] = {}
    for one in sets:
        for (translator, prompt), count in one.prompts.items():
            key = (translator, prompt or "")
            total[key] = total.get(key, 0) + count
    return [(*key, count) for key, count in sorted(total.items())]


def _reviews(sets: list[SetTally]) -> list[tuple[str, int]]:
    total: dict[str, int] = {}
    for one in sets:
        for (_, outcome), count in one.reviews.items():
            total[outcome] = total.get(outcome, 0) + count
    return sorted(total.items())


@cache
def _environment():
    return templates.markdown(
        Path(__file__).parent, n=lambda value: f"{value:,}", number=figures.number, settings=settings
    )


def settings(values: Any, prefix: str = "") -> Iterable[tuple[str, Any]]:
    """A nested mapping as (dotted name, value), so that every threshold has a line of its own."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


@cache
def _plain_dumper():
    import yaml

    class Plain(yaml.SafeDumper):
        """YAML without anchors: not every reader of cards follows them."""

        def ignore_aliases(self, data):
            return True

    return Plain
