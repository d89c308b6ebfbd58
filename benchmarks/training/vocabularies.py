"""The byte-pair vocabularies of model families, from the files that their makers publish in Python packages.

    load("qwen", Path("vocabularies")).encode_ordinary("Malaria")

    pip download --no-deps -d vocabularies dashscope==2.0.2 llama-models==0.3.0

The folder holds these two wheels as they were downloaded. The patterns that cut text before merging are part of a
vocabulary and stand in the same packages. Special tokens play no part here.
"""

from __future__ import annotations

import base64
import zipfile
from functools import cache
from pathlib import Path

_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_ENDING, _LEAD = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?", r"[^\r\n\p{L}\p{N}]?"
_CASED = (
    rf"{_LEAD}{_UPPER}*{_LOWER}+{_ENDING}|{_LEAD}{_UPPER}+{_LOWER}*{_ENDING}|\p{{N}}{{1,3}}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

#: family -> (wheel, member, pattern). Llama 4's stands in for Gemma's, whose vocabulary is in no package.
FAMILIES = {
    "qwen": ("dashscope-*.whl", "dashscope/resources/qwen.tiktoken", rf"{_WORDS}|\p{{N}}{_REST}"),
    "llama3": ("llama_models-*.whl", "llama_models/llama3/tokenizer.model", rf"{_WORDS}|\p{{N}}{{1,3}}{_REST}"),
    "llama4": ("llama_models-*.whl", "llama_models/llama4/tokenizer.model", _CASED),
}


@cache
def load(family: str, folder: Path):
    """The tiktoken encoding of a family."""
    import tiktoken

    wheel, member, pattern = FAMILIES[family]
    found = sorted(folder.glob(wheel))
    if not found:
        raise SystemExit(
            f"{folder}/{wheel}: not there. pip download --no-deps -d {folder} dashscope==2.0.2 llama-models==0.3.0"
        )
    with zipfile.ZipFile(found[-1]) as box:
        lines = box.read(member).split(b"\n")
    ranks = {base64.b64decode(word): int(rank) for word, rank in (line.split() for line in lines if line)}
    return tiktoken.Encoding(family, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
