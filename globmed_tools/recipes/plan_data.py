"""How long the entries are that a recipe trains on: from a file, or of the reference data where there is none yet.

    lengths = plan_data.reference("qwen")                                  500,000 entries in the paper's twelve languages
    lengths = plan_data.from_file(Path("mix/train.jsonl"), "qwen")         from characters, by fertility.toml
    lengths = plan_data.from_file(Path("mix/train.jsonl"), "qwen", tokenizer=Path("qwen3"))     counted

The reference data: the sets of the paper with as many entries a language as the catalog says, each English length (lengths.toml)
carried over to a language by the tokens that human translations take against English (fertility.toml).
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import catalog, languages, store
from ..errors import GlobmedError
from .models import Model

ENTRIES = 500_000
#: Of the reference data, one entry in so many is laid out; figures are multiplied.
EVERY = 10
#: Tokens that a chat template puts around a turn: start, role, line break, end, line break (five in chatml, Llama 3 and Gemma).
TURN = 5
FRAMES = {
    "chatml": "<|im_start|>{role}\n{content}<|im_end|>\n",
    "qwen3": "<|im_start|>{role}\n{content}<|im_end|>\n",
    "llama3": "<|start_header_id|>{role}<|end_header_id|>\n\n{content}<|eot_id|>",
    "gemma3": "<start_of_turn>{role}\n{content}<end_of_turn>\n",
}
FAMILIES = {
    "Qwen3ForCausalLM": "qwen",
    "LlamaForCausalLM": "llama3",
    "Gemma3ForConditionalGeneration": "gemma",
    "Gemma3ForCausalLM": "gemma",
}


@dataclass(frozen=True)
class Lengths:
    """Tokens of each entry by language, and how many of all are trained on. `weight`: how many entries each stands for."""

    what: str
    by_language: dict[str, list[int]]
    trained: float
    counted: bool
    weight: int = 1
    family: str | None = None  # of the reference data
    notes: tuple[str, ...] = ()

    @property
    def all(self) -> list[int]:
        return [length for part in self.by_language.values() for length in part]


@functools.cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / name).read_text("utf-8"))


def family(model: Model) -> tuple[str, tuple[str, ...]]:
    """The vocabulary family of a model, and what is assumed in taking it."""
    known = FAMILIES.get(model.architecture)
    if known is None:
        return "qwen", (
            f"{model.architecture}: its vocabulary was not measured, Qwen's is taken; count with --tokenizer",
        )
    if model.vocabulary < 100_000:
        return known, (
            f"a vocabulary of {model.vocabulary:,} was not measured and takes more tokens; count with --tokenizer",
        )
    if known == "gemma":
        return known, ("Gemma's vocabulary was not at hand: tokens are those of Llama 4's, an assumption",)
    return known, ()


def fertility(name: str, language: str) -> dict[str, float]:
    """characters a token and tokens against English. Raises GlobmedError for a language that was not measured."""
    row = _table("fertility.toml")[name].get(language)
    if row is None:
        raise GlobmedError(f"{language}: no measured tokens in fertility.toml. Count them: --tokenizer FOLDER.")
    return row


@functools.cache
def reference(name: str) -> Lengths:
    """The reference data in a vocabulary family."""
    sets = {key: row for key, row in _table("lengths.toml").items() if catalog.get(key).in_paper}
    codes = [code for code, language in languages.table().items() if language.in_paper]
    share = ENTRIES / (len(codes) * sum(row["entries"] for row in sets.values()))
    found, trained = {}, 0.0
    for code in codes:
        ratio = (
            fertility(name, code)["against_english"]
            * fertility("qwen", "en")["characters"]
            / fertility(name, "en")["characters"]
        )
        found[code] = []
        for row in sets.values():
            like = _table("lengths.toml")[row["like"]] if "like" in row else row
            count = round(row["entries"] * share / EVERY)
            found[code] += [
                round(_quantile(like["quantiles"], (n + 0.5) / count) * ratio) + 2 * TURN for n in range(count)
            ]
            trained += count * EVERY * (like["reply"] * ratio + 1)
    what = f"{ENTRIES:,} reference entries, {len(codes)} languages alike"
    return Lengths(what, found, trained, counted=False, weight=EVERY, family=name)


def _quantile(points: list[int], at: float) -> float:
    place = at * (len(points) - 1)
    low = int(place)
    high = min(low + 1, len(points) - 1)
    return points[low] + (points[high] - points[low]) * (place - low)


def from_file(path: Path, name: str, *, tokenizer: Path | None = None, template: str = "chatml") -> Lengths:
    """The rows of an exported or mixed file. Raises GlobmedError for a row that is no conversation, with its line."""
    frame = FRAMES.get(template)
    count = _counter(tokenizer) if tokenizer else None
    found: dict[str, list[int]] = {}
    trained = 0.0
    for number, row in store.json_lines(path):
        language, turns = row.get("language"), row.get("messages")
        if (
            not language
            or not isinstance(turns, list)
            or not all(
                isinstance(turn, dict) and isinstance(turn.get("content"), str) and turn.get("role") for turn in turns
            )
        ):
            raise GlobmedError(
                f"{path}, line {number}: needs `messages` (role and content) and `language`. Make the file with globmed recipes mix."
            )
        sizes = [_size(turn, language, name, count, frame) for turn in turns]
        found.setdefault(language, []).append(round(sum(sizes)))
        trained += sum(size - TURN + 1 for size, turn in zip(sizes, turns) if turn["role"] == "assistant")
    if not found:
        raise GlobmedError(f"{path}: holds no entry. Make it again: globmed recipes mix EXPORT --out {path.parent}.")
    notes = (
        ()
        if frame or not count
        else (f"chat template {template}: not in our table, {TURN} tokens a turn taken for it",)
    )
    order = [code for code in languages.table() if code in found] + sorted(set(found) - set(languages.table()))
    return Lengths(str(path), {code: found[code] for code in order}, trained, counted=count is not None, notes=notes)


def _size(turn: dict[str, str], language: str, name: str, count, frame: str | None) -> float:
    if count is None:
        return len(turn["content"]) / fertility(name, language)["characters"] + TURN
    return count(frame.format(**turn)) if frame else count(turn["content"]) + TURN


def _counter(folder: Path):
    """Text -> tokens, by the tokenizer.json of a folder."""
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json" if folder.is_dir() else folder
    if not path.is_file():
        raise GlobmedError(f"{path}: no tokenizer there. Name the folder of the model, or its tokenizer.json.")
    tokenizer = Tokenizer.from_file(str(path))
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
