"""The judgements as tables for CSV, LaTeX and Markdown: by judge, agreement, and what there is to doubt.

tables(report) -> [Table("judged_judges", ...), Table("judged_overall_by_judge", ...), ...]; none without judgements
"""

from __future__ import annotations

from typing import Any

from ..tables import Interval, Table

ALL = "all"


def tables(report: dict[str, Any]) -> list[Table]:
    """All tables of report["judged"]."""
    found = report.get("judged")
    if not found:
        return []
    names = [one["name"] for one in found["judges"]]
    models = [one["name"] for one in report["models"]]
    made = [_judges(found), *_by_judge(found, names, models), _values(found, names, models)]
    made += [_agreement(found, names), *_clinicians(found, names), _position(found, names), _length(found, names)]
    return [one for one in (*made, *_family(found, names, models), *_pairs(found, names, models)) if one.rows]


def _figure(one: dict | None) -> Interval | None:
    return Interval(one["value"], one["low"], one["high"]) if one else None


def validated(found: dict[str, Any]) -> str:
    """What stands under every table of judgements."""
    people = found["clinicians"]
    if people is None:
        return "judged by language models; no clinician rated these replies: not validated"
    return f"judged by language models; {people['reviewers']} clinician{'' if people['reviewers'] == 1 else 's'} rated {people['replies']:,} of the replies"


def _judges(found: dict) -> Table:
    rows = []
    for one in found["judges"]:
        grades = one["grades"]
        causes = ", ".join(f"{cause} {n}" for cause, n in grades["failed"].items())
        parameters = ", ".join(f"{name}={value}" for name, value in one["parameters"].items())
        families = ", ".join(one["families"]) or "unknown"
        told = [
            one["name"],
            one["model"],
            families,
            parameters,
            grades["judged"],
            grades["empty"],
            causes,
            grades["not_asked"],
        ]
        rows.append([*told, one["input"], one["output"], one["cost"]])
    columns = [
        "judge",
        "model",
        "family",
        "parameters",
        "judged",
        "empty",
        "failed",
        "not asked",
        "tokens in",
        "tokens out",
        "US$",
    ]
    rubric, prompts = found["rubric"], ", ".join(f"{name} {digest}" for name, digest in found["prompts"].items())
    weights = ", ".join(f"{one['name']} {one['weight']:g}" for one in rubric["criteria"])
    note = f"rubric {rubric['name']} {rubric['version']} ({rubric['digest']}); prompts {prompts}; weights {weights}; {validated(found)}"
    return Table("judged_judges", "Judges", columns, rows, note)


def _by_judge(found: dict, names: list[str], models: list[str]):
    for metric in found["metrics"]:
        rows = []
        for judge, one in enumerate(found["by_judge"][metric["name"]]):
            for m, model in enumerate(found["models"]):
                whole = Interval(*(one["all"][part][m] for part in ("value", "low", "high")))
                cells = [
                    Interval(one["value"][m][k], one["low"][m][k], one["high"][m][k])
                    for k in range(len(found["languages"]))
                ]
                own = "yes" if _own(found, judge, model) else ""
                rows.append([names[judge], models[model], own, whole, *cells])
        columns = ["judge", "model", "own family", ALL, *found["languages"]]
        yield Table(
            f"judged_{metric['name']}_by_judge", f"{metric['title']}: by judge", columns, rows, validated(found)
        )


def _own(found: dict, judge: int, model: int) -> bool:
    """Whether the judge is of the model's own family."""
    return any(one["model"] == model and judge in one["judges"] for one in found["own_family"]["models"])


def _values(found: dict, names: list[str], models: list[str]) -> Table:
    rows = [
        [names[judge], models[model], one["name"], choice["value"], found["values"][one["name"]][judge][m][place]]
        for one in found["rubric"]["criteria"]
        for judge in range(len(names))
        for m, model in enumerate(found["models"])
        for place, choice in enumerate(one["scale"])
    ]
    return Table("judged_values", "Values given", ["judge", "model", "criterion", "value", "replies"], rows, long=True)


def _agreement(found: dict, names: list[str]) -> Table:
    rows = []
    for one in found["agreement"]:
        who = " and ".join(names[judge] for judge in one["judges"])
        rows.append(
            [
                one["criterion"],
                who,
                one["n"],
                one.get("same"),
                _figure(one.get("difference")),
                _figure(one.get("kappa")),
                _figure(one.get("alpha")),
            ]
        )
    note = "kappa: Cohen's, quadratic weights; alpha: Krippendorff's, ordinal; difference: the first minus the second, scale 0 to 1; empty: fewer than ten replies, or not defined"
    columns = ["criterion", "judges", "replies", "same", "difference", "kappa", "alpha"]
    return Table("judged_agreement", "Agreement of judges", columns, rows, note)


def _clinicians(found: dict, names: list[str]):
    people = found["clinicians"]
    if people is None:
        return
    among = {(one["criterion"], one["language"]): one["kappa"] for one in people["among"]}
    rows = [
        [
            *(one["criterion"], names[one["judge"]], one["language"], one["n"], one["same"]),
            *(_figure(one["difference"]), _figure(one["kappa"]), _figure(among[one["criterion"], one["language"]])),
        ]
        for one in people["rows"]
    ]
    columns = [
        "criterion",
        "judge",
        "language",
        "ratings",
        "same",
        "difference",
        "kappa",
        "clinicians with one another",
    ]
    note = "difference: the judge minus the clinicians, scale 0 to 1; empty: fewer than ten ratings, or not defined"
    yield Table("judged_clinicians", "Agreement of judges and clinicians", columns, rows, note)


def _position(found: dict, names: list[str]) -> Table:
    rows = [
        [
            names[one["judge"]],
            one["criterion"],
            one["n"],
            one["same"],
            _figure(one["difference"]),
            _figure(one["kappa"]),
        ]
        for one in found["position"]
        if one["n"]
    ]
    columns = ["judge", "criterion", "replies", "same", "difference", "kappa"]
    note = "graded twice: with the reply before the reference, minus with the reference before the reply; scale 0 to 1"
    return Table("judged_position", "Judges: the other order", columns, rows, note)


def _length(found: dict, names: list[str]) -> Table:
    rows = [[names[one["judge"]], one["metric"], one["n"], _figure(one["correlation"])] for one in found["length"]]
    note = "rank correlation of score and characters, ranks within a set and language"
    return Table("judged_length", "Judges: score and length", ["judge", "metric", "replies", "correlation"], rows, note)


def _family(found: dict, names: list[str], models: list[str]):
    rows = [
        [
            models[one["model"]],
            ", ".join(names[j] for j in one["judges"]),
            _figure(one["with"]),
            _figure(one["without"]),
        ]
        for one in found["own_family"]["models"]
    ]
    columns = ["model", "judges of its family", "with them", "without them"]
    yield Table("judged_own_family", "Judges of the model's own family", columns, rows, validated(found))
    rows = [[names[one["judge"]], one["n"], one["others"], _figure(one)] for one in found["own_family"]["preference"]]
    note = (
        "how much more than the other judges it gives its own family, less how much more it gives all others; 0 is none"
    )
    columns = ["judge", "replies of its family", "of others", "preference"]
    yield Table("judged_preference", "Judges: preference for the own family", columns, rows, note)


def _pairs(found: dict, names: list[str], models: list[str]):
    pairs = found["pairs"]
    if not pairs:
        return
    parts = ("wins", "losses", "ties", "flips", "unjudged")
    rows = []
    for one in pairs["rows"]:
        by = one["by_language"]
        cells = [Interval(by["value"][k], by["low"][k], by["high"][k]) for k in range(len(found["languages"]))]
        rows.append(
            [names[one["judge"]], models[one["model"]], *(one[part] for part in parts), _figure(one["rate"]), *cells]
        )
    note = f"against {pairs['base']}; rate: wins and half the ties; another verdict in the other order is a tie; {validated(found)}"
    columns = ["judge", "model", *parts, "rate", *found["languages"]]
    yield Table("judged_pairs", f"Judged pairs against {pairs['base']}", columns, rows, note)
    rows = [
        [names[one["judge"]], one["asked_twice"], one["flips"], one["flip_rate"], one["share"]]
        for one in pairs["first"]
    ]
    columns = ["judge", "pairs asked in both orders", "verdict turned", "rate", "share of verdicts for the first"]
    yield Table("judged_order", "Judged pairs: the order", columns, rows)
