"""The small models that recipes are proven with: the base of globmed-tiny, and stand-ins for the published base models.

tiny.base(Path("tiny-base"))                          what `globmed recipes tiny` makes
tiny.stand_in("Gemma3ForConditionalGeneration", dir)  same architecture and special tokens, two layers of 32
"""

from __future__ import annotations

from pathlib import Path

from ..errors import GlobmedError


def base(folder: Path) -> dict:
    """Make globmed-tiny's base model and say what it is."""
    _bench()
    from ..bench import tiny

    tiny.make(folder, tiny.LEARNER)
    return describe(folder)


def stand_in(architecture: str, folder: Path) -> Path:
    """A tiny model of that architecture, with a tokenizer that has its special tokens. Raises GlobmedError for an unknown one."""
    _bench()
    from ..bench import tiny

    families = {family.model: name for name, family in tiny.FAMILIES.items()}
    if architecture not in families:
        raise GlobmedError(f"{architecture}: no stand-in; there is one for {', '.join(families)}.")
    return tiny.make(folder, tiny.REHEARSAL, families[architecture])


def describe(folder: Path) -> dict:
    """Architecture, parameters and vocabulary of the model in `folder`."""
    import json

    from safetensors import safe_open

    config = json.loads((folder / "config.json").read_bytes())
    with safe_open(folder / "model.safetensors", "np") as weights:
        parameters = 0
        for name in weights.keys():
            size = 1
            for side in weights.get_slice(name).get_shape():
                size *= side
            parameters += size
    return {
        "folder": str(folder),
        "architecture": config["architectures"][0],
        "parameters": parameters,
        "vocabulary": config["vocab_size"],
    }


def _bench() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("torch", "transformers", "tokenizers") if find_spec(name) is None]
    if missing:
        raise GlobmedError(f"{', '.join(missing)}: not installed here. Run: pip install 'globmed[bench]'.")
    from transformers.utils import logging

    logging.disable_progress_bar()  # a bar for one small file
