"""Write what the installed Axolotl accepts in a configuration, as data: names, types, choices, bounds; no descriptions.

    PYTHON-OF-AXOLOTL dump_schema.py '{"out": "schema.json"}'
    {"out": "schema.json", "axolotl": "0.19.0", "models": 31, "keys": 612, "plugins": 14, "left_out": {}}

A model is {key: field}; a field is {"type": T} and, where there are any, "aliases", "deprecated", "required" and bounds.
T is a word ("str", "int", "float", "bool", "none", "any") or a mapping with one of choices, model, list, dict, tuple, union.
"values" holds the names that Axolotl takes where its schema says only "str" (optimisers, attention, data set types) and the
keys of mappings that it passes on; "templates" the special tokens that stand in each chat template.
Runs in Axolotl's environment and imports nothing of globmed.
"""

import enum
import importlib
import inspect
import json
import os
import pkgutil
import re
import sys
import types
import typing
from pathlib import Path

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

ROOT = "AxolotlInputConfig"
WORDS = {str: "str", int: "int", float: "float", bool: "bool", type(None): "none", typing.Any: "any", object: "any"}
BOUNDS = ("ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern")


class Walk:
    """Every pydantic model reachable from the ones asked for, under its class name."""

    def __init__(self):
        self.models = {}
        self._names = {}

    def model(self, cls):
        """The name of the model, its fields described once."""
        if cls in self._names:
            return self._names[cls]
        taken = set(self._names.values())
        name = cls.__name__ if cls.__name__ not in taken else f"{cls.__module__}.{cls.__name__}"
        self._names[cls] = name
        self.models[name] = {}  # set first: models may hold themselves
        self.models[name] = {key: self.field(key, field) for key, field in sorted(cls.model_fields.items())}
        return name

    def field(self, key, field):
        described = {"type": self.type(field.annotation)}
        aliases = set()
        for alias in (field.alias, field.validation_alias):
            aliases.update(alias.choices if hasattr(alias, "choices") else [alias] if isinstance(alias, str) else [])
        if aliases - {key}:
            described["aliases"] = sorted(aliases - {key})
        if field.deprecated:
            described["deprecated"] = True
        if field.is_required():
            described["required"] = True
        return described | bounds(field.metadata)

    def type(self, annotation):
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if annotation in WORDS:
            return WORDS[annotation]
        if origin is typing.Annotated:
            return constrained(self.type(args[0]), bounds(args[1:]))
        if origin is typing.Literal:
            return {"choices": list(args)}
        if origin in (typing.Union, types.UnionType):
            return {"union": [self.type(one) for one in args]}
        if origin in (list, set, frozenset) or annotation in (list, set):
            return {"list": self.type(args[0]) if args else "any"}
        if origin is dict or annotation is dict:
            return {"dict": [self.type(one) for one in args] or ["any", "any"]}
        if origin is tuple:
            return {"tuple": [self.type(one) for one in args]}
        if inspect.isclass(annotation) and issubclass(annotation, enum.Enum):
            return {"choices": [one.value if isinstance(one.value, str) else one.name for one in annotation]}
        if hasattr(annotation, "model_fields"):
            return {"model": self.model(annotation)}
        raise SystemExit(f"dump_schema: no rule for the annotation {annotation!r}; add one.")


def bounds(metadata):
    """Bounds such as ge=0 of pydantic's metadata objects, which carry one or several each."""
    found = {}
    for one in metadata:
        for name in BOUNDS:
            value = getattr(one, name, None)
            if isinstance(value, (int, float, str)) and not isinstance(value, bool):
                found[name] = value
    return found


def constrained(kind, limits):
    if not limits:
        return kind
    return {**(kind if isinstance(kind, dict) else {"is": kind}), **limits}


def plugins():
    """(dotted path as `plugins:` names it, argument class or None) of every plugin, and those that cannot be imported."""
    from axolotl.integrations.base import BasePlugin

    found, left_out = {}, {}
    import axolotl.integrations

    names = [
        f"axolotl.integrations.{one.name}" for one in pkgutil.iter_modules(axolotl.integrations.__path__) if one.ispkg
    ]
    if importlib.util.find_spec("globmed_axolotl"):
        names.append("globmed_axolotl")
    for name in sorted(names):
        try:
            module = importlib.import_module(name)
        except Exception as error:  # a plugin for hardware or a package that is not here
            left_out[name] = f"{type(error).__name__}: {error}"
            continue
        for attribute, cls in sorted(vars(module).items()):
            if inspect.isclass(cls) and issubclass(cls, BasePlugin) and cls is not BasePlugin:
                found[f"{name}.{attribute}"] = arguments(cls)
    return found, left_out


def arguments(plugin):
    """The pydantic class of a plugin's keys, None where it has none."""
    dotted = plugin().get_input_args()
    if not dotted:
        return None
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)


def values():
    """Names accepted where the schema says only "str", from the libraries that take them."""
    import axolotl.prompt_strategies
    import torch.utils.checkpoint
    from axolotl.utils.data.wrappers import DATASET_HANDLERS
    from axolotl.utils.schemas import enums
    from transformers.trainer_utils import IntervalStrategy, SaveStrategy, SchedulerType
    from transformers.training_args import OptimizerNames

    strategies = {one.name for one in pkgutil.iter_modules(axolotl.prompt_strategies.__path__)}
    checkpoint = inspect.signature(torch.utils.checkpoint.checkpoint).parameters
    return {
        "attention": sorted(enums.CANONICAL_ATTN_IMPLS),
        "attention_packs": sorted(enums.ATTN_IMPLS_SUPPORTING_PACKING | {"sdpa", "eager"}),
        "dataset_type": sorted((strategies - {"base", "jinja_template_analyzer"}) | set(DATASET_HANDLERS)),
        "eval_strategy": sorted(one.value for one in IntervalStrategy),
        "gradient_checkpointing_kwargs": sorted(set(checkpoint) - {"function", "args", "kwargs"}),
        "lr_scheduler": sorted({one.value for one in SchedulerType} | {"one_cycle", "rex"}),
        "optimizer": sorted(
            {one.value for one in OptimizerNames} | {one.value for one in enums.CustomSupportedOptimizers}
        ),
        "save_strategy": sorted(one.value for one in SaveStrategy),
    }


def templates():
    """The special tokens written in each chat template that Axolotl carries: {"chatml": ["<|im_end|>", "<|im_start|>"]}.

    "eos_token" is among them where the template writes whatever the tokenizer calls so.
    """
    import axolotl.utils.chat_templates

    folder = Path(axolotl.utils.chat_templates.__file__).parent / "templates"
    token = re.compile(r"<\|[^<>|\s]+\|>|<[a-z_]+>|<｜[^<>]+｜>")
    found = {}
    for path in sorted(folder.glob("*.jinja")):
        text = path.read_text("utf-8")
        found[path.stem] = sorted(set(token.findall(text)) | ({"eos_token"} if "eos_token" in text else set()))
    return found


def main():
    payload = json.loads(sys.argv[1])
    import axolotl
    from axolotl.utils.schemas.config import AxolotlInputConfig

    walk = Walk()
    walk.model(AxolotlInputConfig)
    found, left_out = plugins()
    held = {}
    for path, cls in found.items():
        held[path] = walk.model(cls) if cls else None
    schema = {
        "generated": "by globmed_tools/recipes/axolotl_side/dump_schema.py: do not edit",
        "command": "python -m globmed_tools.recipes.schema",
        "axolotl": axolotl.__version__,
        "root": ROOT,
        "plugins": held,
        "left_out": left_out,
        "values": values(),
        "templates": templates(),
        "models": dict(sorted(walk.models.items())),
    }
    write(schema, Path(payload["out"]))
    keys = sum(len(fields) for fields in walk.models.values())
    print(
        json.dumps(
            {
                "out": payload["out"],
                "axolotl": axolotl.__version__,
                "models": len(walk.models),
                "keys": keys,
                "root_keys": len(AxolotlInputConfig.model_fields),
                "plugins": len(held),
                "left_out": left_out,
            }
        )
    )


def write(schema, out):
    """One line a key, so that a change of Axolotl reads as a diff."""
    head = {name: value for name, value in schema.items() if name != "models"}
    rows = [f" {json.dumps(name)}: {_compact(value)}" for name, value in head.items()]
    lines = ["{\n" + ",\n".join(rows) + ',\n "models": {']
    for number, (name, fields) in enumerate(schema["models"].items()):
        rows = [f"   {json.dumps(key)}: {json.dumps(field, separators=(',', ':'))}" for key, field in fields.items()]
        last = number == len(schema["models"]) - 1
        lines.append(
            f"  {json.dumps(name)}: {{\n" + ",\n".join(rows) + ("\n  }" if rows else "  }") + ("" if last else ",")
        )
    out.write_text("\n".join(lines) + "\n }\n}\n", encoding="utf-8")


def _compact(value):
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return (
        "{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in value.items()) + "\n }"
    )


if __name__ == "__main__":
    main()
