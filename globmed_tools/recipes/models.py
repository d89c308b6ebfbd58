"""The table of base models, and a model read from the config.json of a folder.

models.get("Qwen/Qwen3-8B-Base").parameters()    8190427136 (norms left out)
"""

from __future__ import annotations

import functools
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ..errors import GlobmedError, suggest


@dataclass(frozen=True, slots=True)
class Model:
    """The shape of a decoder: what memory, FLOPs and the check of a recipe are computed from."""

    id: str
    architecture: str
    layer: str
    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    tied: bool
    context: int
    turn_end: str = ""
    licence: str = ""
    other_parameters: int = 0
    tower_layers: int = 0
    tower_hidden: int = 0
    tower_intermediate: int = 0

    def layer_matrices(self) -> int:
        """Parameters of one layer's matrices: query, key, value and output projections, and the gated MLP."""
        attention = self.hidden * self.head_dim * (2 * self.heads + 2 * self.kv_heads)
        return attention + 3 * self.hidden * self.intermediate

    def tower_matrices(self) -> int:
        """Parameters of one layer's matrices in the vision tower, which `other_parameters` holds too."""
        return 4 * self.tower_hidden**2 + 2 * self.tower_hidden * self.tower_intermediate

    def parameters(self) -> int:
        """All parameters of the text model but its norms (under 0.01 %), and `other_parameters`."""
        embeddings = self.vocabulary * self.hidden * (1 if self.tied else 2)
        return self.layers * self.layer_matrices() + embeddings + self.other_parameters


@functools.cache
def table() -> dict[str, Model]:
    """Every model of models.toml by its id."""
    rows = tomllib.loads((Path(__file__).parent / "models.toml").read_text("utf-8"))["model"]
    return {row["id"]: Model(**row) for row in rows}


def get(name: str) -> Model:
    """The model of that hub id, or of the folder's config.json. Raises GlobmedError where it is neither."""
    if name in table():
        return table()[name]
    config = Path(name) / "config.json"
    if config.is_file():
        return from_config(json.loads(config.read_bytes()), name)
    raise GlobmedError(
        f"base_model {name!r}: neither a folder with a config.json nor a model of models.toml{suggest(name, table())}. "
        + (
            "Make it: globmed recipes tiny tiny-base."
            if name == "tiny-base"
            else "Download it and name its folder, or add its shape to models.toml."
        )
    )


def from_config(config: dict, name: str) -> Model:
    """A model's shape from a transformers config, the text part of a multimodal one."""
    text = {**config, **config.get("text_config", {})}
    architecture = (config.get("architectures") or ["unknown"])[0]
    known = {model.architecture: model for model in table().values()}
    like = known.get(architecture)
    heads = text["num_attention_heads"]
    made = {
        "id": name,
        "architecture": architecture,
        "layer": like.layer if like else "",
        "layers": text["num_hidden_layers"],
        "hidden": text["hidden_size"],
        "intermediate": text["intermediate_size"],
        "heads": heads,
        "kv_heads": text.get("num_key_value_heads", heads),
        "head_dim": text.get("head_dim") or text["hidden_size"] // heads,
        "vocabulary": text["vocab_size"],
        "tied": bool(text.get("tie_word_embeddings", config.get("tie_word_embeddings", False))),
        "context": text.get("max_position_embeddings", 0),
        "turn_end": like.turn_end if like else "",
    }
    return Model(**made)
