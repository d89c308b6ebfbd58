"""Per-document scores. lm-eval averages them, and its standard error of a mean is a closed form.

choice forms   acc          1 where the answer read is the gold
               answered     1 where an answer was found at all: tells a format failure from ignorance
long form      chrf         chrF++ (Popović 2017: character 6-grams and word 2-grams, beta 2), sacrebleu's, as 0 to 1
               rouge_l      ROUGE-L F1 (Lin 2004) over words, and over characters where words are not spaced
               answered     1 where the reply holds any text outside its reasoning
likelihood     acc, acc_norm: the choice of highest log-likelihood, and the same per byte of the choice
generative     in_language  1 where the reply is in the task's language
"""

from __future__ import annotations

from functools import cache

import regex

from .prompts import UNAVAILABLE

_TOKEN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]|[\p{L}\p{M}\p{N}]+")


def choice(doc: dict, results: list[dict]) -> dict[str, float]:
    """Scores of one reply to an mcq, nli or yesno document; results holds the filter's reading."""
    reading = results[0]
    if doc["form"] == UNAVAILABLE:
        return {}
    return {
        "acc": float(reading["answer"] is not None and reading["answer"] == doc["gold"]),
        "answered": float(reading["answer"] is not None),
        "in_language": float(reading["in_language"]),
    }


def likelihood(doc: dict, results: list[tuple[float, bool]]) -> dict[str, float]:
    """Scores of one document whose choices were compared by log-likelihood; acc_norm divides it by the choice's bytes."""
    if doc["form"] == UNAVAILABLE:
        return {}
    logs = [log for log, _greedy in results]
    normed = [log / len(choice.encode()) for log, choice in zip(logs, doc["choices"], strict=True)]
    gold = doc["gold"]
    return {"acc": float(logs.index(max(logs)) == gold), "acc_norm": float(normed.index(max(normed)) == gold)}


def longform(doc: dict, results: list[dict]) -> dict[str, float]:
    """Scores of one long-form reply against the reference."""
    reading = results[0]
    text = reading.get("text") or ""
    return {
        "chrf": chrf(text, doc["reference"]),
        "rouge_l": rouge_l(text, doc["reference"]),
        "answered": float(bool(text)),
        "in_language": float(bool(text) and reading["in_language"]),
    }


@cache
def _chrf():
    from sacrebleu.metrics import CHRF

    return CHRF(word_order=2)


def chrf(text: str, reference: str) -> float:
    """Sentence chrF++, 0 to 1."""
    return _chrf().sentence_score(text, [reference]).score / 100


def tokens(text: str) -> list[str]:
    """Words, lower-cased; single characters in scripts that don't space their words."""
    return _TOKEN.findall(text.lower())


class _Tokens:
    """The tokenizer interface of rouge_score."""

    tokenize = staticmethod(tokens)


@cache
def _rouge():
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rougeL"], tokenizer=_Tokens())


def rouge_l(text: str, reference: str) -> float:
    """ROUGE-L F1, 0 to 1."""
    return _rouge().score(reference, text)["rougeL"].fmeasure
