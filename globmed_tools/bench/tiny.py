"""Tiny models made on the spot from a fixed seed: for the demo, for the tests, and to rehearse training recipes.

    make(folder)                            Qwen3's architecture, replies that vary, scores at chance
    make(folder, LEARNER)                   the same family, set up to learn the sample in a minute on a CPU
    make(folder, REHEARSAL, "gemma3")       another family with the special tokens of its own

The weights are random: they show that every part works, never how good a model is. The tokenizer is a byte-level BPE
trained on the bundled sample, with the special tokens of the family and a chat template.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from .. import resources, store
from ..errors import GlobmedError

SEED = 20260105
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Size:
    """Shape of a tiny model; `spread` is the standard deviation of its random weights."""

    hidden: int
    intermediate: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    spread: float
    vocabulary: int = 4096
    context: int = 4096


#: Wide weights, so that replies vary instead of repeating one token.
DEMO = Size(hidden=64, intermediate=128, layers=2, heads=4, kv_heads=2, head_dim=16, spread=0.3)
#: Small weights, as models are started for training.
LEARNER = Size(hidden=128, intermediate=384, layers=2, heads=4, kv_heads=2, head_dim=32, spread=0.02)
#: Widths of 64: the CPU kernels of 4-bit layers take no less.
REHEARSAL = Size(hidden=64, intermediate=128, layers=2, heads=4, kv_heads=2, head_dim=16, spread=0.02, vocabulary=2048)


@dataclass(frozen=True, slots=True)
class Family:
    """An architecture of transformers: its special tokens, and the `end` that closes a turn in the tokenizer as it is made."""

    model: str
    end: str
    pad: str
    bos: str | None
    others: tuple[str, ...]
    template: str | None = None
    image: dict[str, str] | None = None


FAMILIES = {
    "qwen3": Family("Qwen3ForCausalLM", "<|im_end|>", "<|endoftext|>", None, ("<|im_start|>",), TEMPLATE),
    "llama": Family(
        "LlamaForCausalLM",
        "<|end_of_text|>",
        "<|finetune_right_pad_id|>",
        "<|begin_of_text|>",
        ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    ),
    "gemma3": Family(
        "Gemma3ForConditionalGeneration",
        "<eos>",
        "<pad>",
        "<bos>",
        ("<start_of_turn>", "<end_of_turn>", "<start_of_image>", "<end_of_image>", "<image_soft_token>"),
        image={"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"},
    ),
}


_PICTURES = {
    "processor_config.json": {"processor_class": "Gemma3Processor", "image_seq_length": 4},
    "preprocessor_config.json": {
        "image_processor_type": "Gemma3ImageProcessor",
        "processor_class": "Gemma3Processor",
        "size": {"height": 64, "width": 64},
    },
}


def make(folder: Path, size: Size = DEMO, family: str = "qwen3") -> Path:
    """Write model and tokenizer into `folder` (about 2 MB) and return it; the same seed gives the same weights."""
    import torch
    import transformers
    from safetensors import SafetensorError

    kind = FAMILIES[family]
    tokenizer = _tokenizer(kind, size)
    torch.manual_seed(SEED)
    model = getattr(transformers, kind.model)(_config(family, size, tokenizer)).eval()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        if kind.image:  # a model that also sees pictures is loaded with what prepares them, even to be trained on text
            for name, content in _PICTURES.items():
                (folder / name).write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    except (OSError, SafetensorError) as error:
        raise GlobmedError(
            f"{folder}: the model could not be written ({error}). Free some space, or name another folder."
        ) from None
    return folder


def _config(family: str, size: Size, tokenizer):
    import transformers

    shape = {
        "vocab_size": len(tokenizer),
        "hidden_size": size.hidden,
        "intermediate_size": size.intermediate,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "num_key_value_heads": size.kv_heads,
        "head_dim": size.head_dim,
        "max_position_embeddings": size.context,
        "tie_word_embeddings": family != "llama",
        "initializer_range": size.spread,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    if family == "qwen3":
        return transformers.Qwen3Config(**shape)
    if family == "llama":
        return transformers.LlamaConfig(**shape)
    vision = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {**shape, "sliding_window": 512, "sliding_window_pattern": 2}
    return transformers.Gemma3Config(
        text_config=text,
        vision_config={**vision, "image_size": 64, "patch_size": 16},
        mm_tokens_per_image=4,
        boi_token_index=tokenizer.convert_tokens_to_ids("<start_of_image>"),
        eoi_token_index=tokenizer.convert_tokens_to_ids("<end_of_image>"),
        image_token_index=tokenizer.convert_tokens_to_ids("<image_soft_token>"),
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=True,
    )


def _tokenizer(kind: Family, size: Size):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    # The order gives the ids: the demo's are padding 0, start of a turn 1, its end 2.
    special = [kind.pad, *kind.others, kind.end, *([kind.bos] if kind.bos else [])]
    trainer = trainers.BpeTrainer(
        vocab_size=size.vocabulary,
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    raw.train_from_iterator(_texts(), trainer)
    names = {"eos_token": kind.end, "pad_token": kind.pad, **({"bos_token": kind.bos} if kind.bos else {})}
    if kind.image:
        names["extra_special_tokens"] = kind.image
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, model_max_length=size.context, **names)
    tokenizer.chat_template = kind.template
    return tokenizer


def _texts():
    for path in sorted(resources.sample().glob("*.jsonl")):
        for _number, row in store.json_lines(path):
            yield " ".join(str(row[name]) for name in ("question", "context", "options", "reference"))
