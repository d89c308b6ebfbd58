"""What a measured run needs and nobody has to download: a model's config, a tokenizer of the real size, and entries.

    made.model("Qwen/Qwen3-1.7B-Base", folder, shrink=False)     config.json and a tokenizer of 151,936 entries
    made.data(folder / "train.jsonl", tokens=2_000_000)           entries as long as the reference data's

The tokenizer's words are numbers, so that an entry of n tokens is n words; ids are spread over the whole vocabulary, which is
what embeddings, logits and the loss cost. Weights come from `reinit_weights: true`.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from globmed_tools.recipes import models, plan_data

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
ROLES = ("user", "assistant")
SEED = 20261123
#: Start, role and end of two turns: what the template adds to an entry's words (its line breaks are no tokens here).
FRAME = 6
SHRUNK = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "vocab_size": 1024,
}


def model(name: str, folder: Path, *, shrink: bool) -> Path:
    """Write config.json and the tokenizer of a Qwen3 of models.toml; `shrink` makes it tiny and keeps the architecture."""
    from transformers import Qwen3Config

    row = models.get(name)
    if row.architecture != "Qwen3ForCausalLM":
        raise SystemExit(f"{name}: only Qwen3 models are made here")
    shape = (
        SHRUNK
        if shrink
        else {
            "hidden_size": row.hidden,
            "intermediate_size": row.intermediate,
            "num_hidden_layers": row.layers,
            "num_attention_heads": row.heads,
            "num_key_value_heads": row.kv_heads,
            "head_dim": row.head_dim,
            "vocab_size": row.vocabulary,
        }
    )
    config = Qwen3Config(
        **shape,
        tie_word_embeddings=row.tied,
        max_position_embeddings=row.context,
        rope_theta=1_000_000.0,
        bos_token_id=None,
        eos_token_id=2,
        pad_token_id=0,
        architectures=["Qwen3ForCausalLM"],
    )
    folder.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(folder)
    _tokenizer(shape["vocab_size"]).save_pretrained(folder)
    return folder


def _tokenizer(size: int):
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = [*SPECIAL, *ROLES, *(str(number) for number in range(size - len(SPECIAL) - len(ROLES)))]
    raw = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token=SPECIAL[0]))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=raw, eos_token=SPECIAL[2], pad_token=SPECIAL[0])


def data(path: Path, *, tokens: int, longest: int, vocabulary: int) -> int:
    """Write entries drawn from the reference data until they hold so many tokens; returns how many entries."""
    lengths = plan_data.reference("qwen")
    drawn = [length for length in lengths.all if length <= longest]
    share = lengths.trained / (sum(lengths.all) * lengths.weight)
    chance, written, entries = random.Random(SEED), 0, 0
    chance.shuffle(drawn)
    with path.open("w", encoding="utf-8") as out:
        while written < tokens:
            length = drawn[entries % len(drawn)]
            words = [
                str(chance.randrange(vocabulary - len(SPECIAL) - len(ROLES))) for _ in range(max(length - FRAME, 2))
            ]
            reply = max(1, round(share * length))
            turns = zip(ROLES, (words[:-reply], words[-reply:]))
            row = {"messages": [{"role": role, "content": " ".join(part)} for role, part in turns], "language": "en"}
            out.write(json.dumps(row) + "\n")
            written, entries = written + length, entries + 1
    return entries
