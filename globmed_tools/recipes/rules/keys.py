"""Every key is one that the pinned Axolotl or a plugin in use knows, and every value is of its type.

    learning_ratee: 1        `learning_ratee` is no key of Axolotl 0.19.0, which would drop it in silence; did you mean `learning_rate`?
    bf16: maybe              `bf16` is 'maybe', and should be auto, or true or false.
    optimizer: adam          `optimizer`: unknown name 'adam'; did you mean 'adamw_torch'?

Types are judged as pydantic does in its lax mode ("2e-4" is a number), but a truth value is never taken for a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import schema
from ..schema import ROOT, near
from .case import Case, Finding
from .types import described, fits

Problem = tuple[tuple[str | int, ...], str]
#: What becomes of an entry of `datasets` under each kind of preference training; any other entry is an SFTDataset.
PREFERENCE = {"dpo": "DPODataset", "ipo": "DPODataset", "simpo": "DPODataset", "kto": "KTODataset"}


def known(case: Case) -> Iterator[Finding]:
    """All findings about keys, types and names. What an entry only inherits (`<<`) is reported once, where it stands."""
    plugins = case.plugins
    said = set()
    for place, message in (*_plugins(case), *_mapping(case.recipe.settings, ROOT, (), plugins, case), *_names(case)):
        inside = place[2:] if place[0] in ("datasets", "test_datasets") else place
        if place not in case.recipe.lines and inside in said:
            continue
        said.add(inside)
        yield case.error(message, *place)
    for key, field in schema.load().keys(ROOT, plugins).items():
        if field.get("required") and key in schema.load().models[ROOT] and not case.has(key):
            yield case.error(f"`{key}` is missing. Set it.")
    yield from _deprecated(case)
    if not case.has("datasets") and not case.has("pretraining_dataset"):
        yield case.error("`datasets` is missing: there is nothing to train on. Set it.")


def _plugins(case: Case) -> Iterator[Problem]:
    known_plugins, left_out = schema.load().plugins, schema.load().left_out
    for number, plugin in enumerate(case.plugins):
        if plugin in known_plugins or any(plugin.startswith(f"{package}.") for package in left_out):
            continue
        close = near(plugin, known_plugins)
        meant = f"did you mean {close}?" if close else f"Known: {', '.join(known_plugins)}."
        yield ("plugins", number), f"unknown plugin {plugin!r}; {meant}"


def _mapping(value: dict, model: str, place: tuple, plugins: tuple[str, ...], case: Case) -> Iterator[Problem]:
    """Problems of a mapping that stands for a model of the schema."""
    loaded = schema.load()
    for key, inner in value.items():
        field = loaded.field(key, model, plugins) if isinstance(key, str) else None
        at = (*place, key)
        if field is None and model == "FSDPConfig" and str(key).startswith("fsdp_"):
            yield at, f"`{key}` is an old spelling; write `{str(key).removeprefix('fsdp_')}`."
        elif field is None:
            meant = loaded.advice(str(key), model, plugins)
            where = f" in {_said(place)}" if place else ""
            yield (
                at,
                f"`{key}`{where} is no key of Axolotl {loaded.version}, which would drop it in silence"
                + (f"; {_closed(meant)}" if meant else ". Remove it."),
            )
        else:
            yield from _value(inner, field["type"], at, case)
            yield from _bounds(inner, field, at)


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith(("?", ".")) else f"{sentence}."


def _said(place: tuple) -> str:
    """("datasets", 0) -> "`datasets[0]`"."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return f"`{text}`"


def _value(value: Any, kind: Any, place: tuple, case: Case) -> Iterator[Problem]:
    """Problems of a value: none where it is of the type, one message where it is not, or those inside it."""
    options = kind["union"] if isinstance(kind, dict) and "union" in kind else [kind]
    tried = [list(_one(value, option, place, case)) for option in options]
    if all(tried):
        inside = [problems for problems in tried if problems[0][0] != place]
        if isinstance(value, dict) and place[0] in ("datasets", "test_datasets") and inside:
            yield from inside[0] if not case.get("rl") else min(inside, key=len)
        elif inside:
            yield from min(inside, key=len)
        else:
            yield place, f"{_said(place)} is {_shown(value)}, and should be {described(kind)}.{_meant(value, kind)}"


def _one(value: Any, kind: Any, place: tuple, case: Case) -> Iterator[Problem]:
    """Problems of a value under one type. A problem at `place` itself says that the value is of another type."""
    wrong = (place, "")
    if isinstance(kind, str):
        if not fits(value, kind):
            yield wrong
    elif "choices" in kind:
        if not any(value is choice or (value == choice and type(value) is type(choice)) for choice in kind["choices"]):
            yield wrong
    elif "model" in kind:
        if not isinstance(value, dict):
            yield wrong
        elif _is_other(kind["model"], place, case):
            yield wrong
        else:
            yield from _mapping(value, kind["model"], place, (), case)
    elif "list" in kind:
        if not isinstance(value, list) or len(value) < kind.get("min_length", 0):
            yield wrong
        else:
            for number, item in enumerate(value):
                yield from _value(item, kind["list"], (*place, number), case)
    elif "dict" in kind:
        if not isinstance(value, dict):
            yield wrong
        else:
            for key, item in value.items():
                yield from _value(item, kind["dict"][1], (*place, key), case)
    elif "tuple" in kind:
        if not isinstance(value, list) or len(value) != len(kind["tuple"]):
            yield wrong
    elif "is" in kind or "union" in kind:
        plain = {name: part for name, part in kind.items() if name != "pattern"}
        if list(_value(value, plain.get("is", plain), place, case)) or not _matches(value, kind):
            yield wrong


def _is_other(model: str, place: tuple, case: Case) -> bool:
    """True for a kind of data set that Axolotl does not take an entry of `datasets` for under the recipe's `rl`."""
    if place[0] not in ("datasets", "test_datasets") or not model.endswith("Dataset"):
        return False
    listed = case.get(place[0])
    entry = listed[place[1]] if isinstance(listed, list) and len(place) > 1 else {}
    synthetic = isinstance(entry, dict) and entry.get("type") == "_synthetic"
    return model != ("SyntheticDataset" if synthetic else PREFERENCE.get(case.get("rl"), "SFTDataset"))


def _matches(value: Any, kind: dict) -> bool:
    import re

    return "pattern" not in kind or (isinstance(value, str) and re.search(kind["pattern"], value) is not None)


def _meant(value: Any, kind: Any) -> str:
    options = kind["union"] if isinstance(kind, dict) and "union" in kind else [kind]
    if isinstance(value, bool) and "str" in options:
        return ' YAML reads no, yes, on and off so; put the word into quotes: "no".'
    named = [str(one) for option in options if isinstance(option, dict) for one in option.get("choices", ())]
    close = near(value, named) if isinstance(value, str) else None
    return f" Did you mean {close}?" if close else ""


def _bounds(value: Any, field: dict, place: tuple) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    for name, sign, broken in (
        ("ge", "at least", lambda limit: value < limit),
        ("gt", "more than", lambda limit: value <= limit),
        ("le", "at most", lambda limit: value > limit),
        ("lt", "less than", lambda limit: value >= limit),
    ):
        if name in field and broken(field[name]):
            yield place, f"{_said(place)} is {value}, and should be {sign} {field[name]}."


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "empty" if value is None else repr(value)


def _names(case: Case) -> Iterator[Problem]:
    """Names that the schema calls text: optimisers, schedulers, attention, strategies, data set types, passed-on keys."""
    values = schema.load().values
    for key in ("optimizer", "lr_scheduler", "eval_strategy", "save_strategy"):
        yield from _named((key,), case.get(key), values[key])
    attention = case.get("attn_implementation")
    if isinstance(attention, str) and "/" not in attention:
        yield from _named(("attn_implementation",), attention, values["attention"])
    if not any("mora" in plugin for plugin in case.plugins):
        yield from _named(("adapter",), case.adapter, ["lora", "qlora", "llama-adapter"])
    for key, number, entry in case.entries():
        kind = entry.get("type")
        if isinstance(kind, str) and not case.get("rl"):
            yield from _named((key, number, "type"), kind.split(":")[0].split(".")[0], values["dataset_type"])
        for name in ("chat_template",):
            yield from _named((key, number, name), entry.get(name), [*_templates()])
    checkpointing = case.get("gradient_checkpointing_kwargs")
    for name in checkpointing if isinstance(checkpointing, dict) else ():
        yield from _named(("gradient_checkpointing_kwargs", name), name, values["gradient_checkpointing_kwargs"])


def _templates() -> list[str]:
    field = schema.load().models[ROOT]["chat_template"]["type"]["union"]
    return [name for option in field if isinstance(option, dict) for name in option.get("choices", ())]


def _named(place: tuple, name: Any, known_names: list[str]) -> Iterator[Problem]:
    if not isinstance(name, str) or name in known_names or name.startswith("tokenizer_default_fallback_"):
        return
    close = near(name, known_names)
    yield (
        place,
        f"{_said(place)}: unknown name {name!r}; "
        + (f"did you mean {close!r}?" if close else f"known: {', '.join(known_names)}."),
    )


def _deprecated(case: Case) -> Iterator[Finding]:
    for key in case.recipe.settings:
        field = schema.load().field(key) if isinstance(key, str) else None
        if field and field.get("deprecated"):
            yield case.warning(f"`{key}` is deprecated in Axolotl {schema.load().version}: use what replaces it.", key)
