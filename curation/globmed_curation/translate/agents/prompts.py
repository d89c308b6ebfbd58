"""Prompts: Jinja templates of prompts/, filled strictly, each with a version that says what it was.

    prompts = Prompts(config)
    prompts.messages("draft", job, text=..., terms=[...])       [{"role": "system", ...}, {"role": "user", ...}]
    prompts.version("sw")                                       "9f2c...": 16 hex digits, for Entry.prompt_hash

A template has two blocks: `system`, the same for every item of a form and language (so that endpoints can keep it in their
cache), and `user`, with the item. Entries are values and never templates: "{{ 7*7 }}" in a question stays as it is. The
version covers the templates of all steps that are on, with what they include, the language's guide and notes.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import orjson
import xxhash

from globmed_tools import languages, templates
from globmed_tools.errors import GlobmedError

from .. import Job
from .config import Agents

FOLDER = Path(__file__).resolve().parents[2] / "prompts"
BLOCKS = ("system", "user")


@cache
def guide(code: str) -> str:
    """What translators into a language are told; GlobmedError where prompts/guides has no file for it."""
    path = FOLDER / "guides" / f"{code}.txt"
    if not path.is_file():
        raise GlobmedError(f"{code}: no guide for translators. Write {path.name} in {path.parent}, a few lines.")
    lines = path.read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#")).strip()


class Prompts:
    """The templates of one chain. GlobmedError for a template of the user's that cannot be used."""

    def __init__(self, config: Agents):
        self.config = config
        self.environment = templates.markdown(FOLDER)
        self.environment.auto_reload = False  # else every include asks the disk whether it has changed
        self.templates = {name: self._template(name, step.prompt) for name, step in config.steps()}
        self._versions: dict[str, str] = {}
        self._systems: dict[tuple[str, ...], str] = {}

    def _template(self, name: str, own: Path | None):
        import jinja2

        if own is None:
            return self.environment.get_template(f"{name}.jinja")
        try:
            found = self.environment.from_string(own.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise GlobmedError(f"{own}: the prompt cannot be read ({error}). Check agents, {name}, prompt.") from None
        except jinja2.TemplateSyntaxError as error:
            raise GlobmedError(f"{own}, line {error.lineno}: no valid template ({error.message}). Mend it.") from None
        if missing := [block for block in BLOCKS if block not in found.blocks]:
            raise GlobmedError(f"{own}: no block {missing[0]!r}. Take {FOLDER / name}.jinja as a pattern.")
        return found

    def messages(self, name: str, job: Job, **values: Any) -> list[dict[str, str]]:
        """The messages of a step: system and user."""
        import jinja2

        target = languages.get(job.language)
        told = {
            "source": languages.get(job.entry.language),
            "target": target,
            "form": job.entry.form,
            "guide": "\n".join(one for one in (guide(target.code), self.config.notes.get(target.code)) if one),
            "mark": job.entry.id[:8],
            "terms": [],
            "unknown": [],
            **values,
        }
        template, own = self.templates[name], getattr(self.config, name).prompt
        kind = name, job.entry.language, target.code, job.entry.form
        try:
            context = template.new_context(told)
            system = self._systems.get(kind)
            if system is None or own:  # the user's own may put more of the item into it
                system = self._systems[kind] = "".join(template.blocks["system"](context)).strip()
            user = "".join(template.blocks["user"](context)).strip()
        except jinja2.TemplateError as error:
            raise GlobmedError(f"{own or name + '.jinja'}: {error}. Mend the prompt.") from None
        return [{"role": "system", "content": system}, {"role": "user", "content": user}]

    def version(self, language: str) -> str:
        """16 hex digits over all that the prompts of this chain say to a language's translator."""
        if language not in self._versions:
            told = [
                [name, self._sources(step.prompt or FOLDER / f"{name}.jinja")] for name, step in self.config.steps()
            ]
            told += [guide(language), self.config.notes.get(language, "")]
            self._versions[language] = xxhash.xxh3_64_hexdigest(orjson.dumps(told))
        return self._versions[language]

    def _sources(self, path: Path) -> list[str]:
        """A template's text and, in the order in which they are named, those that it includes."""
        from jinja2 import meta

        text = path.read_text("utf-8")
        named = meta.find_referenced_templates(self.environment.parse(text))
        return [text, *(part for name in named if name for part in self._sources(FOLDER / name))]
