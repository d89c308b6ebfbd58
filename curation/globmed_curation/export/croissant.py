"""Croissant 1.0 metadata with the responsible-AI fields: croissant.json beside the card.

    OUT/hub/croissant.json            a record set a source set          OUT/hub/medqa/croissant.json     one record set

Written without mlcroissant, which brings pandas and rdflib; `validate` reads the file with it where it is
installed. Every file stands there with its SHA-256; the files of a set make one FileSet, which its record set reads.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

from . import columns, gaps, licences, reviews
from .card import Facts, settings
from .layouts import LAYOUTS, File
from .tally import UNREVIEWED, SetTally

NAME = "croissant.json"
#: Layouts that have such a file: the tables. Conversations are made from them.
DESCRIBED = ("hub", "parquet")
_FORMATS = {"hub": "application/jsonlines", "parquet": "application/x-parquet"}
_CC = "https://creativecommons.org/licenses/"
_TERMS = (
    *("citeAs", "column", "equivalentProperty", "extract", "field", "fileObject", "fileProperty", "fileSet", "format"),
    *("includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex"),
    *("repeated", "replace", "samplingRate", "separator", "source", "subField", "transform"),
)
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"cr:{name}" for name in _TERMS},
}


def write(folder: Path, layout: str, names: list[str], facts: Facts, *, whole: bool) -> None:
    """Write croissant.json for these sets into `folder`; whole: the layout's root, else one set's folder."""
    made = document(layout, names, facts, whole=whole)
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    manifest.write_bytes(folder / NAME, text.encode())


def document(layout: str, names: list[str], facts: Facts, *, whole: bool) -> dict[str, Any]:
    """The JSON-LD of these sets."""
    config = facts.config
    sets = [facts.tally.sets[name] for name in names]
    files = [one for one in facts.files if one.layout == layout and one.set in names]
    judged = licences.judge({one.name: one.licences for one in sets})
    made = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": config.name if whole else f"{config.name}-{names[0]}",
        "description": _description(sets, facts),
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "license": [_licence_url(one) for found in judged.sets for one in found.ids],
        "url": config.url,
        "version": config.version,
        "datePublished": config.published,
        "creator": {"@type": "sc:Organization", "name": config.author},
        "inLanguage": sorted({one.language for one in files}),
        "keywords": ["medicine", "multilingual", *sorted({one.form for one in sets})],
        "citeAs": "arXiv:2601.02186 (the design); the source sets are named in README.md",
        **responsible_ai(sets, facts, layout),
        "distribution": [
            *(_file(one, layout, whole) for one in files),
            *(_file_set(one, layout, whole) for one in names),
        ],
        "recordSet": [_record_set(one) for one in sets],
    }
    made["license"] = list(dict.fromkeys(made["license"]))
    return {name: value for name, value in made.items() if value != ""}


def responsible_ai(sets: list[SetTally], facts: Facts, layout: str) -> dict[str, Any]:
    """The fields of the RAI vocabulary, as far as anything is known; what is unknown is said to be."""
    names = [one.name for one in sets]
    translators = sorted({by for one in sets for (_, by) in one.translators if by is not None})
    reviewed = sum(n for one in sets for (_, outcome), n in one.reviews.items() if outcome != UNREVIEWED)
    checks = sorted({check for one in sets for check in one.checked})
    missing = gaps.gaps(facts.tally, names, facts.run, layout)
    told = reviews.of_run(facts.run)
    fields = {
        "dataCollection": f"Made from published medical question sets ({', '.join(names)}); nothing was collected from people.",
        "dataCollectionType": ["Secondary Data Analysis", *(["Others"] if translators else [])],
        "dataCollectionRawData": "; ".join(
            f"{found.set}: {found.origin or 'not in the catalog'}" for found in _judged(sets)
        ),
        "dataCollectionMissingData": " ".join(missing) or "None was found by counting.",
        "dataPreprocessingProtocol": _protocol(facts),
        "dataAnnotationProtocol": (
            f"Gold answers are those of the source sets. People have looked at {reviewed} of "
            f"{sum(one.entries() for one in sets)} entries."
        ),
        "dataAnnotationAnalysis": reviews.in_words(facts.run),
        "annotationsPerItem": f"0 to {max((one['most'] for one in told), default=1)}; see the column review",
        "annotatorDemographics": f"unknown{'; reviewers are known by pseudonyms only' if told else ''}",
        "machineAnnotationTools": [f"translation: {by}" for by in translators] + [f"check: {name}" for name in checks],
        "dataBiases": (
            "Questions come mostly from examinations and texts of few countries (the United States, Spain, India): diseases, "
            "drugs and practice of other places are under-represented, above all those of the low-resource languages."
        ),
        "dataLimitations": " ".join(["It is no medical advice.", _pseudo(facts), *missing]).replace("  ", " ").strip(),
        "dataUseCases": "Evaluating and training language models on medical questions in many languages; not patient care.",
        "dataSocialImpact": (
            "May make medical language models less unequal between languages; a wrong translation that nobody reviewed may "
            "teach a wrong dose or a lost negation."
        ),
        "personalSensitiveInformation": (
            "Case descriptions and consumers' questions, as the source sets published them; they were not searched for "
            "personal data here. Sets under a data use agreement are marked in LICENCES.md."
        ),
        "dataReleaseMaintenancePlan": "unknown",
    }
    return {f"rai:{name}": value for name, value in fields.items() if value}


def _judged(sets: list[SetTally]):
    return licences.judge({one.name: one.licences for one in sets}).sets


def _protocol(facts: Facts) -> list[str]:
    """One line a stage, its settings behind it."""
    lines = []
    for one in facts.run:
        values = ", ".join(f"{name}={value}" for name, value in settings(one.get("config") or {}))
        lines.append(f"{one.get('stage')}: {values}" if values else str(one.get("stage")))
    return lines or ["No manifest of a run came with these entries."]


def _pseudo(facts: Facts) -> str:
    return (
        f"DO NOT USE: {facts.tally.pseudo} entries are pseudo-translated, in no language." if facts.tally.pseudo else ""
    )


def _description(sets: list[SetTally], facts: Facts) -> str:
    codes = sorted({code for one in sets for code in one.languages()})
    text = (
        f"{sum(one.entries() for one in sets)} medical questions in {len(codes)} languages ({' '.join(codes)}), made from "
        f"{', '.join(one.name for one in sets)}. No medical advice."
    )
    return f"{_pseudo(facts)} {text}".strip()


def _licence_url(name: str) -> str:
    """A URL where the licence has a well-known one, else its identifier."""
    if name.startswith("cc-by"):
        stem, _, version = name.removeprefix("cc-").rpartition("-")
        return f"{_CC}{stem}/{version}/"
    if name == "cc0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    spdx = {"mit": "MIT", "apache-2.0": "Apache-2.0"}.get(name)
    return f"https://spdx.org/licenses/{spdx}.html" if spdx else f"{name}: see LICENCES.md"


def _file(one: File, layout: str, whole: bool) -> dict[str, Any]:
    path = one.path if whole else one.path.partition("/")[2]
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": path,
        "contentSize": f"{one.bytes} B",
        "encodingFormat": _FORMATS[layout],
        "sha256": one.sha256,
    }


def _file_set(name: str, layout: str, whole: bool) -> dict[str, Any]:
    pattern = f"*/*.{LAYOUTS[layout]}"
    return {
        "@type": "cr:FileSet",
        "@id": f"files-of-{name}",
        "name": f"files-of-{name}",
        "encodingFormat": _FORMATS[layout],
        "includes": f"{name}/{pattern}" if whole else pattern,
    }


def _record_set(one: SetTally) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": one.name,
        "name": one.name,
        "description": f"One item of {one.name} in one language.",
        "key": {"@id": f"{one.name}/entry_id"},
        "field": [_field(one.name, column) for column in columns.columns(one.form)],
    }


def _field(name: str, column: str) -> dict[str, Any]:
    kind = columns.kind(column)
    made = {
        "@type": "cr:Field",
        "@id": f"{name}/{column}",
        "name": column,
        "description": columns.MEANING[column],
        "dataType": "cr:Int32" if kind == "numbers" else "sc:Text",
        "source": {"fileSet": {"@id": f"files-of-{name}"}, "extract": {"column": column}},
    }
    return made | ({"repeated": True} if kind != "string" else {})


def validate(path: Path) -> list[str]:
    """What mlcroissant warns of in this file; GlobmedError where it finds an error or is not installed."""
    try:
        import mlcroissant
    except ImportError:
        raise GlobmedError(
            "mlcroissant is not installed, so nothing was validated. Run: pip install mlcroissant"
        ) from None
    try:
        found = mlcroissant.Dataset(jsonld=str(path))
    except Exception as error:
        raise GlobmedError(f"{path}: not valid Croissant ({error}). Report this.") from None
    return sorted(found.metadata.ctx.issues.warnings)
