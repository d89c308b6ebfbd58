"""Tokens of conversations, as the model's own tokenizer and chat template make them.

Counter(Path("tiny-base")).count([[{"role": "user", "content": "..."}, {"role": "assistant", "content": "B"}]])    [23]

A folder is read as transformers reads it: tokenizer.json, and the template in chat_template.jinja or tokenizer_config.json.
Without a template the turns' texts are counted and nothing else. A recipe that sets another chat_template than the
tokenizer's adds some tokens more or less to every entry.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ... import manifest
from ...errors import GlobmedError


class Counter:
    """Counts tokens in batches. facts: what a manifest says of it."""

    def __init__(self, folder: Path):
        folder = Path(folder)
        file = folder if folder.is_file() else folder / "tokenizer.json"
        if not file.is_file():
            raise GlobmedError(
                f"{folder}: no tokenizer.json in it. Name the folder of the base model or its tokenizer."
            )
        try:
            from tokenizers import Tokenizer
        except ImportError:
            raise GlobmedError('--tokenizer needs the package tokenizers: pip install "globmed[bench]".') from None
        try:
            self._tokenizer = Tokenizer.from_file(str(file))
        except Exception as error:  # the library raises nothing narrower
            raise GlobmedError(f"{file}: not a tokenizer ({error}). Name the base model's folder.") from None
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._template, self._specials = _template(file.parent)
        name = file.parent.resolve().name
        self.facts = {"name": name, "xxh3": manifest.checksum(file), "chat_template": self._template is not None}

    def count(self, conversations: list[list[dict[str, str]]]) -> list[int]:
        """The length of each conversation in tokens."""
        if self._template is None:
            texts = [[turn["content"] for turn in one] for one in conversations]
        else:
            texts = [[self._rendered(one)] for one in conversations]
        found = iter(self._tokenizer.encode_batch([text for one in texts for text in one], add_special_tokens=False))
        return [sum(len(next(found).ids) for _ in one) for one in texts]

    def _rendered(self, messages: list[dict[str, str]]) -> str:
        from jinja2 import TemplateError

        try:
            return self._template.render(messages=messages, add_generation_prompt=False, **self._specials)
        except TemplateError as error:
            raise GlobmedError(
                f"the chat template of {self.facts['name']} refuses a conversation ({error}). Name a tokenizer whose "
                "template takes user and assistant turns."
            ) from None


def _template(folder: Path) -> tuple[Any, dict[str, str]]:
    """The compiled chat template, or None, and the special tokens that it may print."""
    config: dict[str, Any] = {}
    if (folder / "tokenizer_config.json").is_file():
        config = manifest.read_object(folder / "tokenizer_config.json", "a tokenizer's settings", "Download it again.")
    specials = {name: _text(config[name]) for name in ("bos_token", "eos_token", "pad_token") if config.get(name)}
    text = config.get("chat_template")
    if (folder / "chat_template.jinja").is_file():
        text = (folder / "chat_template.jinja").read_text("utf-8")
    if isinstance(text, list):
        text = {one["name"]: one["template"] for one in text}.get("default")
    if not text:
        return None, specials
    from jinja2 import TemplateError
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.filters["tojson"] = lambda value, indent=None: json.dumps(value, ensure_ascii=False, indent=indent)
    environment.globals["raise_exception"] = _refuse
    try:
        return environment.from_string(text), specials
    except TemplateError as error:
        raise GlobmedError(f"{folder}: its chat template cannot be read ({error}). Download it again.") from None


def _refuse(message: str):
    from jinja2 import TemplateError

    raise TemplateError(message)


def _text(token: Any) -> str:
    return token["content"] if isinstance(token, dict) else token
