"""Agents: a translator that asks language models, step by step, and checks what they say.

    translate: {translator: agents, languages: [sw, zu], agents: {model: Qwen/Qwen3-32B, endpoint: {base_url: ...}}}

The asking and the writing are two things. `prepare` asks: it drives the chains of all entries at once, and all that it writes is
the journal of calls. `translate` then replays the chains from the journal, without a network, in the runner's workers: the same
journal gives the same bytes, however often the asking was stopped.

    config.py    the settings                         chain.py     one entry into one language, step by step
    schemas.py   what a reply must look like          prompts.py   what the models are told (prompts/*.jinja)
    terms.py     what the glossary knows              findings.py  what the critique and the checks said
    replay.py    a chain by the journal               fill.py      all chains by their endpoints
    pool.py      one engine for each endpoint         state.py     how far it is
    cost.py      calls, tokens, money beforehand      rounds.py    the same by batch files
    back.py      chrF of a back-translation           expect.py    tokens of usual replies
"""

from __future__ import annotations

from collections.abc import Sequence

from globmed_tools.errors import GlobmedError

from .. import Job, Made


def translate(jobs: Sequence[Job], config) -> list[Made]:
    """The jobs' ends, by the journal; GlobmedError where it does not hold all their calls."""
    from globmed_tools.llm import Journal

    from .replay import Missing, replay
    from .tools import tools_of

    if not jobs:
        return []
    tools, made, missing = tools_of(config.agents, config.lid_model), [], 0
    with Journal(config.agents.journal, must_exist=True) as journal:
        for job in jobs:
            try:
                made.append(replay(job, tools, journal.get))
            except Missing:
                missing += 1
    if missing:
        raise GlobmedError(
            f"{config.agents.journal}: does not hold all calls of {missing:,} of {len(jobs):,} translations. Run again: they "
            "are asked first."
        )
    return made


def prepare(files, config, progress) -> dict:
    """Ask for these shards what the journal does not hold yet; what that took."""
    from .fill import fill

    return fill(files, config, progress)


def estimate(files, config) -> dict:
    """What `prepare` would take, as cost.Estimated tells it."""
    from .cost import of_config
    from .fill import jobs_in
    from .tools import tools_of

    tools = tools_of(config.agents, config.lid_model)
    return of_config(lambda: jobs_in(files, config), config.agents, tools).as_dict()
