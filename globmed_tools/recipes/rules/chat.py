"""The chat template, the token that ends a turn, and the roles that are trained on.

    Qwen/Qwen3-8B-Base without special_tokens.eos_token    error: the model would never learn to stop
    chat_template: llama3 for Qwen3                        error: it ends turns with <|eot_id|>, not with <|im_end|>
    roles_to_train: [user]                                 error: the answers would not be learned

A base model's own end-of-sequence token ends documents, not turns. Only where the terminator is also `eos_token` is it trained
by `train_on_eos`, saved in the tokenizer, and the token at which generation stops.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import models, schema
from .case import Case, Finding

#: What Axolotl takes a conversation's roles for where an entry of `datasets` does not say.
ROLES = {
    "human": "user", "user": "user", "assistant": "assistant", "gpt": "assistant", "system": "system", "tool": "tool",
}  # fmt: skip
OWN = ("tokenizer_default", None)


def rules(case: Case) -> Iterator[Finding]:
    chats = [found for found in case.entries() if _is_chat(found[2])]
    if not chats:
        return
    yield from _template(case)
    yield from _terminator(case)
    for key, number, entry in chats:
        inherited = (key, number) != ("datasets", 0) and (key, number, "type") not in case.recipe.lines
        if not inherited:
            yield from _roles(case, entry, key, number)


def _is_chat(entry: dict[str, Any]) -> bool:
    return str(entry.get("type", "")).split(".")[0] == "chat_template"


def _template(case: Case) -> Iterator[Finding]:
    name = case.get("chat_template")
    if name == "qwen3":
        yield case.warning(
            "`chat_template: qwen3` opens a <think> block when a reply is asked for, and trains an empty closed one: what is "
            "evaluated is not what was trained. Use chatml.",
            "chat_template",
        )
    if name in OWN and not case.has("chat_template_jinja") and _files_template(case) == "":
        yield case.error(
            f"`chat_template` is not set, and the base model {case.get('base_model')} brings none. Set `chat_template: chatml`.",
            *(("chat_template",) if name else ()),
        )


def _terminator(case: Case) -> Iterator[Finding]:
    tokens = case.get("special_tokens")
    tokens = tokens if isinstance(tokens, dict) else {}
    written = _written(case)
    ends = tokens.get("eos_token") or _files_token(case, "eos_token")
    listed = case.get("eot_tokens")
    turns = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else [ends] if ends else []
    expected = case.model.turn_end if case.model else ""
    template = case.get("chat_template") or "the template"
    if written is not None and expected and expected not in written and case.get("chat_template") not in OWN:
        yield case.error(
            f"`chat_template: {template}` does not write {expected}, which ends a turn of {case.model.id}. Use a template that does.",
            "chat_template",
        )
    elif written is not None and turns and not any(one in written or "eos_token" in written for one in turns):
        yield case.error(
            f"{' and '.join(turns)} is not written by `chat_template: {template}`, so the end of a turn would not be trained. "
            f"Set `special_tokens.eos_token` to {expected or 'the token that ends its turns'}.",
            "special_tokens" if "eos_token" in tokens else "chat_template",
        )
    elif expected and ends != expected and expected in turns:
        yield case.warning(
            f"{expected} is trained, but is not `special_tokens.eos_token`: generation would not stop at it. Set it there too.",
            "eot_tokens",
        )
    elif expected and expected not in turns:
        yield case.error(
            f"{expected}, which ends a turn of {case.model.id}, is not `special_tokens.eos_token`: it would not be trained, and "
            f'generation would not stop. Set `eos_token: "{expected}"`.',
            "special_tokens",
        )
    if tokens.get("pad_token") and tokens.get("pad_token") == ends:
        yield case.warning(
            f"`pad_token` and `eos_token` are both {ends}: padding cannot be told from the end of a turn. Use another pad token.",
            "special_tokens",
            "pad_token",
        )


def _roles(case: Case, entry: dict[str, Any], key: str, number: int) -> Iterator[Finding]:
    named = role_names(entry)
    known = {*named.values(), *named}
    trained = entry.get("roles_to_train")
    if isinstance(trained, list):
        for position, role in enumerate(trained):
            if role not in known:
                close = schema.near(str(role), sorted(known))
                meant = f"did you mean {close}?" if close else f"Known: {', '.join(sorted(known))}."
                yield case.error(
                    f"`roles_to_train`: unknown role {role!r}; {meant}", key, number, "roles_to_train", position
                )
        roles = {named.get(role, role) for role in trained}
        if trained and "assistant" not in roles and roles & known:
            yield case.error(
                "`roles_to_train` leaves out assistant: the answers would not be learned.",
                key,
                number,
                "roles_to_train",
            )
        elif "user" in roles:
            yield case.warning(
                "`roles_to_train` holds user: the questions would be learned too.", key, number, "roles_to_train"
            )
        if not trained:
            yield case.error(
                "`roles_to_train` is empty: nothing would be learned. Set [assistant].", key, number, "roles_to_train"
            )
    for name in ("train_on_eos", "train_on_eot"):
        if entry.get(name) == "none":
            yield case.error(f"`{name}: none`: the model would never learn to stop. Set it to turn.", key, number, name)
        elif entry.get(name) == "all":
            yield case.warning(
                f"`{name}: all` also trains the end of the user's turns. Set it to turn.", key, number, name
            )


def role_names(entry: dict[str, Any]) -> dict[str, str]:
    """Role as written in the rows -> role of the template, for one entry of `datasets`."""
    given = entry.get("roles")
    if not isinstance(given, dict):
        return ROLES
    return {source: target for target, sources in given.items() if isinstance(sources, list) for source in sources}


def _written(case: Case) -> list[str] | str | None:
    """The special tokens that the template writes, or its text; None where it cannot be known."""
    if case.has("chat_template_jinja"):
        text = str(case.get("chat_template_jinja"))
        path = case.folder / text if "{" not in text else None
        return path.read_text("utf-8") if path and path.is_file() else text if "{" in text else None
    name = str(case.get("chat_template", "")).removeprefix("tokenizer_default_fallback_")
    if name in ("", "tokenizer_default"):
        return _files_template(case) or None
    return schema.load().templates.get(name) or None


def _files(case: Case, name: str) -> Path | None:
    """A file in the base model's folder, None where the base model is a name on the hub."""
    path = case.folder / str(case.get("base_model", "")) / name
    return path if path.is_file() else None


def _files_token(case: Case, name: str) -> str | None:
    path = _files(case, "tokenizer_config.json")
    if path is None:
        return None
    token = json.loads(path.read_bytes()).get(name)
    return token.get("content") if isinstance(token, dict) else token


def _files_template(case: Case) -> str | None:
    """The template that the base model's folder brings, "" where it brings none, None where the folder is not here."""
    if path := _files(case, "chat_template.jinja"):
        return path.read_text("utf-8")
    if path := _files(case, "tokenizer_config.json"):
        return str(json.loads(path.read_bytes()).get("chat_template") or "")
    return "" if case.get("base_model") in models.table() else None
