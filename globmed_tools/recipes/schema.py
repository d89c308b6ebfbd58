"""What the pinned Axolotl accepts, from the snapshot schema.json, without Axolotl.

    schema.load().field("learning_rate")                   {"type": {"union": ["str", "float"]}, "required": true}
    schema.load().advice("sequence_length", ROOT)          "did you mean `sequence_len`?"
    schema.load().advice("liger_rope", ROOT)               "it belongs to the plugin axolotl.integrations.liger.LigerPlugin ..."

Axolotl drops a key that it does not know in silence, so every key is looked up here. The snapshot is written by
`python -m globmed_tools.recipes.schema`, in Axolotl's environment, and a test compares it with what that Axolotl says.
"""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "schema.json"
ROOT = "AxolotlInputConfig"
#: Names that other trainers use, and what to write here. Asked first, before anything that merely looks alike.
FOREIGN = {
    "lr": "`learning_rate`",
    "num_train_epochs": "`num_epochs`",
    "epochs": "`num_epochs`",
    "per_device_train_batch_size": "`micro_batch_size`",
    "per_device_eval_batch_size": "`eval_batch_size`",
    "max_seq_length": "`sequence_len`",
    "max_seq_len": "`sequence_len`",
    "max_length": "`sequence_len`",
    "cutoff_len": "`sequence_len`",
    "model_name_or_path": "`base_model`",
    "model": "`base_model`",
    "packing": "`sample_packing`",
    "lr_scheduler_type": "`lr_scheduler`",
    "optim": "`optimizer`",
    "lora_rank": "`lora_r`",
    "lora_target": "`lora_target_modules`",
    "target_modules": "`lora_target_modules`",
    "modules_to_save": "`lora_modules_to_save`",
    "attention": "`attn_implementation`",
    "train_on_split": "`split`",
    "eval_datasets": "`test_datasets`",
    "eval_dataset": "`test_datasets`",
    "gradient_accumulation": "`gradient_accumulation_steps`",
    "random_seed": "`seed`",
}
#: Wishes that Axolotl does not grant anywhere.
WEIGHTING = ("weight", "weights", "ratio", "proportion", "probability", "sampling", "upsample", "repeat")
NO_WEIGHTING = "Axolotl does not weight data sets; balance them beforehand with `globmed recipes mix`"


@dataclass(frozen=True)
class Place:
    """Where a key may stand: the dotted way to its mapping ("" for the top level), and the plugin that brings it."""

    path: str
    plugin: str | None = None

    def __str__(self) -> str:
        if self.plugin:
            return f"the plugin {self.plugin}"
        if self.path.endswith("[]"):
            return f"an entry of `{self.path[:-2]}`"
        return f"`{self.path}`" if self.path else "the top level"


@dataclass(frozen=True)
class Schema:
    """`models` holds {model: {key: field}}, `plugins` the model of each plugin's keys, `values` and `templates` the names known."""

    version: str
    models: dict[str, dict[str, dict[str, Any]]]
    plugins: dict[str, str | None]
    left_out: dict[str, str]
    values: dict[str, list[str]]
    templates: dict[str, list[str]]

    def keys(self, model: str, plugins: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
        """Every name that a mapping of the model takes, aliases too; for the top level also the keys of `plugins`."""
        if (model, plugins) not in self._named:
            self._named[model, plugins] = self._keys(model, plugins)
        return self._named[model, plugins]

    @functools.cached_property
    def _named(self) -> dict[tuple[str, tuple[str, ...]], dict[str, dict[str, Any]]]:
        return {}

    def _keys(self, model: str, plugins: tuple[str, ...]) -> dict[str, dict[str, Any]]:
        named = dict(self.models[model])
        for field_name, field in self.models[model].items():
            named.update(dict.fromkeys(field.get("aliases", ()), self.models[model][field_name]))
        if model == ROOT:
            for plugin in plugins:
                if held := self.plugins.get(plugin):
                    named.update(self.keys(held))
        return named

    def field(self, key: str, model: str = ROOT, plugins: tuple[str, ...] = ()) -> dict[str, Any] | None:
        return self.keys(model, plugins).get(key)

    @functools.cached_property
    def places(self) -> dict[str, list[Place]]:
        """key -> every place it may stand, the shallowest first."""
        found: dict[str, list[Place]] = {}
        for path, plugin, model in self._reach():
            for key in self.keys(model):
                found.setdefault(key, []).append(Place(path, plugin))
        return {
            key: sorted(places, key=lambda place: (place.path.count("."), bool(place.plugin)))
            for key, places in found.items()
        }

    def _reach(self) -> Iterator[tuple[str, str | None, str]]:
        """(path, plugin, model) of every mapping that a recipe may hold, each model of each place once."""
        queue: list[tuple[str, str | None, str]] = [("", None, ROOT)]
        queue += [("", plugin, model) for plugin, model in self.plugins.items() if model]
        seen = set()
        while queue:
            path, plugin, model = queue.pop(0)
            if (path, plugin, model) in seen or path.count(".") > 3:
                continue
            seen.add((path, plugin, model))
            yield path, plugin, model
            for key, field in self.models[model].items():
                for inner, listed in held(field["type"]):
                    at = f"{path}.{key}" if path else key
                    queue.append((f"{at}[]" if listed else at, plugin, inner))

    def advice(self, key: str, model: str = ROOT, plugins: tuple[str, ...] = ()) -> str:
        """What was probably meant by a key that `model` does not have; "" where nothing comes close."""
        here = self.keys(model, plugins)
        if key in WEIGHTING:
            return NO_WEIGHTING
        if key in FOREIGN:
            return f"did you mean {FOREIGN[key]}?"
        if close := near(key, here, cutoff=0.85):
            return f"did you mean `{close}`?"
        if key in self.places:
            return self._elsewhere(key)
        if close := near(key, here):
            return f"did you mean `{close}`?"
        if close := near(key, self.places):
            return f"did you mean `{close}`? {self._elsewhere(close, 'It')}"
        return ""

    def _elsewhere(self, key: str, it: str = "it") -> str:
        place = self.places[key][0]
        if place.plugin:
            return f"{it} belongs to {place}, which is not among `plugins`: add it there"
        return f"{it} belongs to {place}"


def held(kind: Any, listed: bool = False) -> Iterator[tuple[str, bool]]:
    """(model, in a list?) of every model inside a type."""
    if not isinstance(kind, dict):
        return
    if "model" in kind:
        yield kind["model"], listed
    for one in kind.get("union", ()):
        yield from held(one, listed)
    if "list" in kind:
        yield from held(kind["list"], True)
    for one in kind.get("dict", ()):
        yield from held(one, listed)


def near(word: str, known, cutoff: float = 0.72) -> str | None:
    """The known name closest to a misspelt one, None where none is close."""
    close = difflib.get_close_matches(str(word), [str(one) for one in known], n=1, cutoff=cutoff)
    return close[0] if close else None


@functools.cache
def load() -> Schema:
    """The snapshot."""
    read = json.loads(FILE.read_text("utf-8"))
    names = ("models", "plugins", "left_out", "values", "templates")
    return Schema(version=read["axolotl"], **{name: read[name] for name in names})


def regenerate(out: Path = FILE) -> dict[str, Any]:
    """Write the snapshot from the Axolotl that is installed in its own environment."""
    from . import env

    return env.run("dump_schema.py", {"out": str(out.absolute())})


if __name__ == "__main__":
    print(json.dumps(regenerate()))
