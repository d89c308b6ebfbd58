"""The models of a sweep: a YAML file, checked before anything runs.

    defaults:
      vllm: {args: {dtype: bfloat16}, batch_size: auto}
    models:
      - name: qwen3-8b                 # ours: the folder of its results
        id: Qwen/Qwen3-8B              # on the hub, at the API, or a folder, from where this file lies
        organisation: Alibaba
        parameters: 8.2                # billions; `active` beside it for mixtures of experts
        licence: Apache-2.0
        kind: chat                     # or base: no chat template
        reasoning: switched-off        # none, always, switched-on, switched-off, unknown
        backend: vllm                  # as lm-eval calls it
        confirmed: how we know that the id exists

    read(path)["qwen3-8b"].args        {"dtype": "bfloat16"}, the defaults of its backend included

Keys of APIs are never written here: `key: SOME_VARIABLE` names the environment variable that holds one.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...errors import GlobmedError, suggest

#: Backends of lm-eval 0.4.13 that a sweep knows how to start, by what they need.
LOCAL = ("hf", "hf-auto", "vllm", "sglang")
CHAT_APIS = ("local-chat-completions", "openai-chat-completions", "anthropic-chat-completions")
COMPLETION_APIS = ("local-completions", "openai-completions")
BACKENDS = (*LOCAL, *CHAT_APIS, *COMPLETION_APIS, "dummy")
#: The environment variable that lm-eval itself reads.
KEY_VARIABLES = {"anthropic-chat-completions": "ANTHROPIC_API_KEY"}
DEFAULT_KEY = "OPENAI_API_KEY"
SHIPPED = Path(__file__).with_name("models.yml")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
_SECRET = re.compile(r"(api[_-]?key|token|secret|password|authorization)$", re.I)
_VARIABLE = re.compile(r"^[A-Z][A-Z0-9_]*$")
_BYTES = {"float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "fp8": 1.0, "int8": 1.0, "mxfp4": 0.55, "int4": 0.55}


class Model(BaseModel):
    """One entry; the module's docstring says what the fields are."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    id: str = Field(min_length=1)
    organisation: str
    parameters: float | None = Field(default=None, gt=0)
    active: float | None = Field(default=None, gt=0)
    licence: str
    kind: Literal["chat", "base"]
    reasoning: Literal["none", "always", "switched-on", "switched-off", "unknown"]
    backend: str
    args: dict[str, str | int | float | bool | None] = {}
    generation: dict[str, str | int | float | bool] = {}
    batch_size: str | int | None = None
    key: str | None = None
    weights: Literal["float32", "bfloat16", "float16", "fp8", "int8", "mxfp4", "int4"] = "bfloat16"
    gpus: int | None = Field(default=None, ge=1)
    vocabulary: Literal["qwen", "llama3", "gemma"] | None = None
    tags: tuple[str, ...] = ()
    confirmed: str = Field(min_length=1)
    note: str = ""

    @property
    def local(self) -> bool:
        """True where the weights are loaded here."""
        return self.backend in LOCAL

    @property
    def key_variable(self) -> str | None:
        """The environment variable with the key that this entry needs; None where it needs none."""
        if self.backend in ("openai-chat-completions", "openai-completions", "anthropic-chat-completions"):
            return self.key or KEY_VARIABLES.get(self.backend, DEFAULT_KEY)
        return self.key

    @property
    def is_confirmed(self) -> bool:
        return not self.confirmed.lower().startswith("unconfirmed")

    def weights_gb(self) -> float | None:
        """GB of the weights: parameters times bytes each; None for an API or an unknown size."""
        if not self.local or self.parameters is None:
            return None
        return self.parameters * _BYTES[self.weights]


def read(path: Path) -> dict[str, Model]:
    """name -> Model in the file's order. Raises GlobmedError with the first mistake and how many there are."""
    models, mistakes = check(path)
    if mistakes:
        more = f" ({len(mistakes) - 1} more: globmed bench models {path} --check)" if len(mistakes) > 1 else ""
        raise GlobmedError(f"{mistakes[0]}{more}")
    return models


def check(path: Path) -> tuple[dict[str, Model], list[str]]:
    """The models that could be read, and one line for every mistake. Raises GlobmedError for what is no roster at all."""
    rows, defaults, lines = _rows(path)
    models: dict[str, Model] = {}
    mistakes = [
        f"{path}: defaults of {name!r}: no such backend{suggest(str(name), BACKENDS)}"
        for name in defaults
        if name not in BACKENDS
    ]
    for row, line in zip(rows, lines):
        where = f"{path}, line {line}"
        if not isinstance(row, dict):
            mistakes.append(f"{where}: a model is a mapping of fields, this is {row!r}")
            continue
        where = f"{where} ({row.get('name', 'without a name')})"
        found, wrong = _model(row, defaults)
        if found and found.name in models:
            wrong.append(f"the name {found.name!r} is there twice; names are folders, choose another")
        mistakes += [f"{where}: {one}" for one in wrong]
        if found and not wrong:
            models[found.name] = _located(found, path.parent)
    if not rows:
        mistakes.append(f"{path}: no models. Write a list under `models:`; the shipped file shows how: {SHIPPED}")
    return models, mistakes


def _located(model: Model, beside: Path) -> Model:
    """A model in a folder is named by its whole path, read from where the roster lies: jobs may start elsewhere."""
    folder = beside / Path(model.id).expanduser()
    return model.model_copy(update={"id": str(folder.resolve())}) if model.local and folder.is_dir() else model


def _rows(path: Path) -> tuple[list, dict, list[int]]:
    import yaml

    try:
        text = path.read_text("utf-8")
        content, tree = yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise GlobmedError(f"{path}: cannot be read ({error.strerror}). Name a YAML file of models.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise GlobmedError(f"{path}: not YAML ({error}). Mend it; `globmed bench models` shows a good one.") from error
    if not isinstance(content, dict) or not isinstance(content.get("models"), list):
        raise GlobmedError(f"{path}: not a roster. Write a list of models under `models:`; see {SHIPPED}.")
    if unknown := sorted(set(content) - {"models", "defaults"}):
        raise GlobmedError(f"{path}: unknown key {unknown[0]!r}{suggest(unknown[0], ['models', 'defaults'])}.")
    nodes = next(value for key, value in tree.value if key.value == "models").value
    defaults = content.get("defaults") or {}
    if not isinstance(defaults, dict) or not all(isinstance(one, dict) for one in defaults.values()):
        raise GlobmedError(f"{path}: `defaults` maps backends to fields, for example vllm: {{batch_size: auto}}.")
    return content["models"], defaults, [node.start_mark.line + 1 for node in nodes]


def _model(row: dict[str, Any], defaults: dict[str, dict]) -> tuple[Model | None, list[str]]:
    base = defaults.get(row.get("backend"), {})
    both = {**base, **row}
    for field in ("args", "generation"):
        parts = [one.get(field) for one in (base, row)]
        if all(part is None or isinstance(part, dict) for part in parts):
            both[field] = {**(parts[0] or {}), **(parts[1] or {})}
    try:
        found = Model.model_validate(both)
    except ValidationError as error:
        return None, [_one_line(one) for one in error.errors()]
    return found, _rules(found)


def _one_line(error: dict) -> str:
    field = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"unknown key {field!r}{suggest(field, Model.model_fields)}"
    if error["type"] == "missing":
        return f"{field} is missing"
    hint = " (write it in quotes: YAML reads it as true or false)" if isinstance(error["input"], bool) else ""
    return f"{field}: {error['msg'][0].lower()}{error['msg'][1:]}, found {error['input']!r}{hint}"


def _rules(model: Model) -> list[str]:
    """What a schema cannot say; one line each."""
    wrong = []
    if not _NAME.match(model.name):
        wrong.append(f"name {model.name!r}: letters, digits, dot, hyphen and underscore only (it is a folder)")
    if model.backend not in BACKENDS:
        wrong.append(
            f"backend {model.backend!r}{suggest(model.backend, BACKENDS) or ''} Known here: {', '.join(BACKENDS)}"
        )
    for name in (*model.args, *model.generation):
        if _SECRET.search(name) and name not in ("think_end_token", "eos_token", "prefix_token"):
            wrong.append(f"{name}: no keys in a roster. Name the environment variable that holds it: `key: VARIABLE`")
    if model.key and not _VARIABLE.match(model.key):
        wrong.append("key: the NAME of an environment variable, such as MISTRAL_API_KEY, never the key itself")
    if model.backend.startswith("local-") and not model.args.get("base_url"):
        wrong.append(f"backend {model.backend} needs args: {{base_url: http://...}}")
    if model.backend in CHAT_APIS and model.kind != "chat":
        wrong.append(f"kind {model.kind}: {model.backend} takes chat models only")
    if model.active and (not model.parameters or model.active > model.parameters):
        wrong.append(f"active {model.active:g}: more than parameters {model.parameters}")
    if model.args.get("enable_thinking") and not model.args.get("think_end_token"):
        wrong.append("enable_thinking: lm-eval wants think_end_token beside it, for example '</think>'")
    for name in ("pretrained", "model"):
        if name in model.args:
            wrong.append(f"args.{name}: the id is already said by `id`")
    return wrong


def chosen(models: dict[str, Model], only: tuple[str, ...] = (), tags: tuple[str, ...] = ()) -> list[Model]:
    """The models whose name or id matches one of the globs and that carry all tags; GlobmedError where a glob matches none."""
    found = list(models.values())
    for pattern in only:
        if not any(fnmatchcase(one.name, pattern) or fnmatchcase(one.id, pattern) for one in found):
            raise GlobmedError(
                f"--only {pattern!r}: no such model{suggest(pattern, models)} See `globmed bench models`."
            )
    if only:
        found = [one for one in found if any(fnmatchcase(one.name, p) or fnmatchcase(one.id, p) for p in only)]
    known = {tag for one in models.values() for tag in one.tags}
    for tag in tags:
        if tag not in known:
            raise GlobmedError(f"--tag {tag!r}: no such tag{suggest(tag, known)} Known: {' '.join(sorted(known))}.")
    found = [one for one in found if set(tags) <= set(one.tags)]
    if not found:
        raise GlobmedError("no model is left by --only and --tag together. See `globmed bench models`.")
    return found
