"""A few items in all their languages, with every model's reply and what was read out of it: for looking, not for counting.

    items(data, boards, seed=7, budget=6_000_000) -> {"order": [...], "items": [{"set": "medqa", "why": "gap", ...}], ...}

Chosen by what the scores say, in turns, one set after the other, the rest at random from the seed:

    gap         more models right in English than in the low-resource languages (without any: in the other languages)
    unanswered  no answer found in most replies
    missed      wrong in most languages for most models: a hard item, or a wrong gold
    reversed    right elsewhere, wrong in English
    random      none of these

Replies are cut in the middle to REPLY characters, with their true length beside them; `left_out`
counts the items that are not shown: all that the page has no room for.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import orjson

from .. import languages
from .boards import Board, SetScores
from .gather import Data

REPLY = 400
TEXT = 4000
MOST = 200
REPLY_FIELDS = ("reply", "characters", "answer", "how", "score", "in_language")
_REASONS = ("gap", "unanswered", "missed", "reversed", "random")


def items(data: Data, boards: list[Board], *, seed: int, budget: int, most: int = MOST) -> dict[str, Any]:
    """The browser's data; budget in bytes of JSON. `problems` are lines that could not be read whole."""
    shown = [board for board in boards if board.metric in ("acc", "chrf")]
    generative = [board for board in shown if board.kind == "gen"]
    chosen = _alternate([_choose(data, board, seed) for board in generative or shown])
    chosen = chosen[: min(most, _fitting(data, chosen, budget))]
    problems: list[str] = []
    found = _read(data, chosen, problems)
    kept, size = [], 0
    for one in found:
        size += len(orjson.dumps(one))
        if size > budget and kept:
            break
        kept.append(one)
    return {
        "reply_fields": list(REPLY_FIELDS),
        "items": kept,
        "left_out": sum(len(one.groups) for board in generative or shown for one in board.sets) - len(kept),
        "problems": problems,
    }


def _choose(data: Data, board: Board, seed: int) -> list[tuple[Board, SetScores, int, str]]:
    """(board, set, group, why) in the order in which they are worth showing."""
    by_set = [_choose_in(data, board, one, seed) for one in board.sets]
    return _alternate(by_set)


def _choose_in(data: Data, board: Board, one: SetScores, seed: int) -> list[tuple[Board, SetScores, int, str]]:
    with np.errstate(invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        scores = np.nanmean(one.sums / np.where(one.counts > 0, one.counts, np.nan), axis=1)  # (G, L) over models
    everywhere = (~np.isnan(scores)).sum(axis=1)
    others = [i for i in range(len(board.languages)) if i != board.reference]
    low = [i for i in board.tier("low") if i in others] or others
    mean = _mean(scores[:, others]) if others else _mean(scores)
    far = {"unanswered": 1 - _answered(data, board, one), "missed": 1 - _mean(scores)}
    if board.reference is not None and others:
        english = scores[:, board.reference]
        far |= {"gap": english - _mean(scores[:, low]), "reversed": mean - english}
    ranked = {}
    for why, value in far.items():
        value = np.where(np.isnan(value), -1.0, value)
        order = np.lexsort((np.arange(len(value)), -everywhere, -np.round(value, 6)))
        ranked[why] = [int(group) for group in order if value[group] > (0.5 if why in ("missed", "unanswered") else 0)]
    ranked["random"] = [
        int(group) for group in np.random.default_rng([seed, len(one.groups)]).permutation(len(one.groups))
    ]
    taken: dict[int, str] = {}
    lists = {why: iter(ranked.get(why, ())) for why in _REASONS}
    while lists and len(taken) < MOST:
        for why in tuple(lists):
            group = next((group for group in lists[why] if group not in taken), None)
            if group is None:
                del lists[why]
            else:
                taken[group] = why
    return [(board, one, group, why) for group, why in taken.items()]


def _mean(values: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(values, axis=1)


def _answered(data: Data, board: Board, one: SetScores) -> np.ndarray:
    """(G,) the share of replies, over models and languages, in which an answer was found; NaN where that isn't measured."""
    sums, counts = np.zeros(len(one.groups)), np.zeros(len(one.groups))
    for task, scores in data.tasks.items():
        about = next(iter(data.used[task].values()))[1]
        if (about.kind, about.set) == (board.kind, one.name) and "answered" in scores.scores:
            places = np.searchsorted(one.groups, scores.groups.view("V16").ravel().astype(one.groups.dtype))
            answered = scores.scores["answered"]
            sums += np.bincount(places, np.nansum(answered, axis=0), len(sums))
            counts += np.bincount(places, (~np.isnan(answered)).sum(axis=0), len(sums))
    with np.errstate(invalid="ignore"):
        return sums / counts


def _alternate(lists: list[list]) -> list:
    """The first of each list, then the second of each, and so on."""
    longest = max(map(len, lists), default=0)
    return [one[place] for place in range(longest) for one in lists if place < len(one)]


def _fitting(data: Data, chosen: list, budget: int) -> int:
    """How many items to read: twice what the budget would hold if replies were half full, at least five."""
    if not chosen:
        return 0
    board = chosen[0][0]
    each = len(board.languages) * (800 + len(board.models) * (REPLY // 2))
    return max(5, 2 * budget // each)


def _read(data: Data, chosen: list, problems: list[str]) -> list[dict[str, Any]]:
    """The chosen items with texts and replies; every sample file is opened once."""
    found = []
    wanted: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for number, (board, one, group, why) in enumerate(chosen):
        found.append(_empty(data, board, one, group, why))
        for task, item in _places(data, board.kind, one.name, one.groups[group].tobytes()):
            for row in np.flatnonzero(data.tasks[task].places[:, item] >= 0):
                wanted.setdefault((task, int(row)), []).append((number, item))
    for (task, row), places in wanted.items():
        scores = data.tasks[task]
        path = data.used[task][scores.runs[row]][1].samples
        with path.open("rb") as stream:
            for number, item in sorted(places, key=lambda place: scores.places[row, place[1]]):
                stream.seek(int(scores.places[row, item]))
                line = stream.readline()
                try:
                    _fill(found[number], orjson.loads(line), scores.runs[row], data.used[task][scores.runs[row]][1])
                except (ValueError, KeyError, TypeError, IndexError) as error:
                    problems.append(f"{path}, byte {scores.places[row, item]}: the reply cannot be shown ({error})")
    return found


def _places(data: Data, kind: str, name: str, group: bytes):
    """(task, item) of a group in every language; where a language has several items of it, the first."""
    for task, by in data.used.items():
        about = next(iter(by.values()))[1]
        if (about.kind, about.set) == (kind, name) and task in data.tasks:
            where = np.flatnonzero((data.tasks[task].groups == np.frombuffer(group, np.uint8)).all(axis=1))
            if where.size:
                yield task, int(where[0])


def _empty(data: Data, board: Board, one: SetScores, group: int, why: str) -> dict[str, Any]:
    return {
        "kind": board.kind,
        "metric": board.metric,
        "set": one.name,
        "group": one.groups[group].tobytes().hex(),
        "why": why,
        "texts": {},
        "replies": {},
        "_models": len(data.models),
    }


def _fill(item: dict[str, Any], row: dict[str, Any], model: int, about) -> None:
    doc, code = row["doc"], about.language
    if code not in item["texts"]:
        target = doc["choices"][doc["gold"]] if about.kind == "ll" else doc["target"]
        item["texts"][code] = {"text": _cut(doc["shot"], TEXT), "target": _cut(str(target), TEXT)}
    replies = item["replies"].setdefault(code, [None] * item["_models"])
    score = round(float(row[item["metric"]]), 4)
    if about.kind == "ll":
        logs = [float(one[0][0]) for one in row["resps"]]
        replies[model] = ["", 0, doc["choices"][logs.index(max(logs))], "likelihood", score, None]
    else:
        reply, read = str(row["resps"][0][0]), orjson.loads(row["filtered_resps"][0])
        replies[model] = [_cut(reply, REPLY), len(reply), read["letter"], read["how"], score, row["in_language"]]


def _cut(text: str, most: int) -> str:
    """The text, or its first and last parts around " […] "."""
    if len(text) <= most:
        return text
    return f"{text[: most * 5 // 8].rstrip()} […] {text[-(most * 3 // 8) :].lstrip()}"


def finish(found: dict[str, Any]) -> dict[str, Any]:
    """Languages in the table's order, and no private keys."""
    for item in found["items"]:
        item.pop("_models", None)
        for name in ("texts", "replies"):
            item[name] = {code: item[name][code] for code in languages.codes() if code in item[name]}
    return found
