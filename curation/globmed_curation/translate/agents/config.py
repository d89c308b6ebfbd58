"""The settings of the chain: what is asked of which model, and, aside, where it is asked and what it may cost.

    agents:
      model: Qwen/Qwen3-32B                    # of every step that names none
      parameters: {temperature: 0}
      glossary: terms.parquet                  # what `globmed curate glossary build` wrote
      critique: {model: gpt-4.1, endpoint: api}
      check: {checks: {numbers: {threshold: 0.7}}}     # as the stage `check`
      back: off                                # a step that is off is not asked
      endpoint: {base_url: "http://localhost:8000/v1"}
      endpoints: {api: {base_url: "https://api.openai.com/v1", key_variable: OPENAI_API_KEY}}
      journal: calls.sqlite

What stands below "aside" in Agents does not change a translation and is no part of a stage's identity: the same chain on
another server, with more requests at a time or another budget, goes on in the same folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from globmed_tools import languages
from globmed_tools.errors import GlobmedError, suggest

from ...stages.check import Config as Checks

#: The name of the endpoint that steps use unless they say another.
DEFAULT = "endpoint"
_CLOSED = {"extra": "forbid"}
Off = Literal["off"]


def _aside(**more: Any) -> Any:
    return field(metadata={"aside": True}, **more)


@dataclass(frozen=True)
class Step:
    """One step that asks a model. Empty: the chain's own model and endpoint. parameters: over the chain's, one by one; null takes
    one away. prompt: a template of your own in place of the shipped one (prompts/STEP.jinja)."""

    model: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    prompt: Path | None = None
    endpoint: str = _aside(default="")

    __pydantic_config__ = _CLOSED


@dataclass(frozen=True)
class Critique(Step):
    """least: the mildest severity for which a text is revised."""

    least: Literal["minor", "major", "critical"] = "minor"

    __pydantic_config__ = _CLOSED


@dataclass(frozen=True)
class Back(Step):
    """least: flag a translation whose back-translation is less like the source than this (chrF, 0 to 1); 0: never."""

    least: float = 0.0

    __pydantic_config__ = _CLOSED


@dataclass(frozen=True)
class Endpoint:
    """One address, and how hard to press it; see globmed_tools.llm.Config. The key comes from a variable or a file."""

    base_url: str = ""
    key_variable: str | None = None
    key_file: Path | None = None
    concurrency: int = 32
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    timeout: float = 300.0
    attempts: int = 5
    backoff: float = 0.5
    patience: float = 600.0
    grace: float = 20.0
    breaker_after: int = 20
    breaker_seconds: float = 5.0

    __pydantic_config__ = _CLOSED


@dataclass(frozen=True)
class Assumed:
    """For estimates, of what no reply has told yet: the share of drafts with findings, findings each; the share of texts that fail
    a check; tokens that a model thinks before each reply. This project's assumptions: measure yours on a --limit."""

    drafts_with_findings: float = 0.5
    findings: float = 2.0
    failing_checks: float = 0.15
    thinking: int = 0

    __pydantic_config__ = _CLOSED


@dataclass(frozen=True)
class Agents:
    """terms: a model names the medical terms that are looked up (else every match of the glossary counts). rounds: revisions
    after the checks, at most. notes: more for the translator, by language, after its guide.

    Aside: drop_failed: an entry whose calls failed for the endpoint's fault is dropped with that cause, instead of being asked
    again by the next run. retry_failed: ask again what the journal holds as failed."""

    model: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    glossary: Path | None = None
    notes: dict[str, str] = field(default_factory=dict)
    terms: Step | bool | Off | None = False
    draft: Step = Step()
    critique: Critique | bool | Off | None = True
    revision: Step | bool | Off | None = True
    check: Checks | bool | Off | None = True
    rounds: int = 1
    back: Back | bool | Off | None = False
    # aside
    endpoint: Endpoint = _aside(default=Endpoint())
    endpoints: dict[str, Endpoint] = _aside(default_factory=dict)
    journal: Path = _aside(default=Path("calls.sqlite"))
    prices: Path | None = _aside(default=None)
    max_cost: float | None = _aside(default=None)
    drop_failed: bool = _aside(default=False)
    retry_failed: bool = _aside(default=False)
    assume: Assumed = _aside(default=Assumed())

    __pydantic_config__ = _CLOSED

    def __post_init__(self):
        usual = {"terms": Step(), "critique": Critique(), "revision": Step(), "check": Checks(), "back": Back()}
        for name, one in usual.items():
            value = getattr(self, name)
            if value in (False, "off", True):
                object.__setattr__(self, name, one if value is True else None)
        object.__setattr__(self, "journal", Path(self.journal).absolute())
        object.__setattr__(self, "notes", {languages.get(code).code: text for code, text in self.notes.items()})
        for name, step in self.steps():
            if not self.model_of(step):
                raise GlobmedError(f"agents, model: none for {name}. Name it as the endpoint calls it (--model).")
            if step.endpoint and step.endpoint not in (DEFAULT, *self.endpoints):
                known = ", ".join((DEFAULT, *self.endpoints))
                raise GlobmedError(
                    f"agents, {name}, endpoint: {step.endpoint!r} is not among the endpoints"
                    f"{suggest(step.endpoint, self.endpoints)} Known: {known}."
                )
        if self.rounds < 0:
            raise GlobmedError(f"agents, rounds: {self.rounds} found, 0 or more expected.")

    def steps(self) -> Iterator[tuple[str, Step]]:
        """The steps that ask a model, in their order."""
        for name in STEPS:
            if (one := getattr(self, name)) is not None:
                yield name, one

    def model_of(self, step: Step) -> str:
        return step.model or self.model

    def parameters_of(self, step: Step) -> dict[str, Any]:
        both = {**self.parameters, **step.parameters}
        return {name: value for name, value in both.items() if value is not None}

    def address(self, name: str) -> Endpoint:
        """The endpoint of this name; "" is the default one."""
        return self.endpoint if name in ("", DEFAULT) else self.endpoints[name]

    @property
    def translator(self) -> str:
        """What entries say in `translator`: "agents:" and the models, each once, in the order of the steps that wrote."""
        used = [self.model_of(step) for name, step in self.steps() if name != "back"]
        used.sort(key=lambda model: model != self.model_of(self.draft))
        return "agents:" + "+".join(dict.fromkeys(used))


#: The steps that ask a model.
STEPS = ("terms", "draft", "critique", "revision", "back")
