"""What the task files name: `custom_dataset: !function globmed_tools.bench.task.dataset`.

lm-eval calls it with the task's dataset_kwargs (globmed_set, globmed_language, globmed_kind) and with everything in
--metadata and --model_args, of which these count:

    globmed_data          hub | sample | DIR (else $GLOBMED_DATA, else hub)
    globmed_instructions  native (default) | english

The object that the files name prints as the data that it served, so that lm-eval's results say which data was used:
results["configs"][task]["custom_dataset"] reads "globmed data: sample ...; split test, 8 items; ...".
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from .. import catalog
from ..entry import problem
from ..errors import GlobmedError
from . import load, prompts

#: Few-shot examples are the first ones of their split; more than these are never read.
FEWSHOT_POOL = 64


class Documents(list):
    """A list of documents with the one attribute of a `datasets.Dataset` that lm-eval asks for beyond a list's."""

    @property
    def features(self) -> dict[str, None]:
        return dict.fromkeys(self[0]) if self else {}


class TaskData:
    """Serves the documents of one task; a copy of it lives in each task's config and remembers what it served."""

    def __init__(self):
        self.served = "nothing yet"

    def __str__(self) -> str:
        return f"globmed data: {self.served}"

    def __call__(self, **asked) -> dict[str, Documents]:
        try:
            return self._serve(**asked)
        except GlobmedError as error:
            if not _run_by_lm_eval():
                raise
            raise SystemExit(f"globmed: {error}") from None

    def _serve(
        self,
        globmed_set: str,
        globmed_language: str,
        globmed_kind: str = "gen",
        globmed_data: str | None = None,
        globmed_instructions: str = "native",
        **_model_args,
    ) -> dict[str, Documents]:
        data = load.chosen(globmed_data)
        if data == "hub" and not catalog.get(globmed_set).hub:
            return self._nothing_on_the_hub(globmed_set, globmed_language)
        names = load.available(data, globmed_set, globmed_language)
        evaluated = load.evaluation_split(names, f"{globmed_set}, {globmed_language}")
        shots = load.fewshot_split(names, evaluated)

        def documents(split: str | None, first: int | None = None) -> Documents:
            rows = load.load(data, globmed_set, globmed_language, split, first) if split else []
            for row in rows:
                if bad := problem(row):
                    raise GlobmedError(
                        f"{row.locator}: {bad[0].replace('_', ' ')} ({bad[1]!r}). Fix or remove that item."
                    )
            return Documents(
                prompts.document(row, globmed_kind, globmed_instructions, name=globmed_set) for row in rows
            )

        result = {"test": documents(evaluated), "dev": documents(shots, FEWSHOT_POOL)}
        origin = load.source_named(data).describe(catalog.get(globmed_set))
        self.served = f"{origin}; split {evaluated}, {len(result['test'])} items; few-shot from {shots or 'nowhere'}"
        return result

    def _nothing_on_the_hub(self, name: str, language: str) -> dict[str, Documents]:
        """One document without a score, for a set that is known not to be on the hub.

        lm-eval cannot skip a task, and one error would end a whole `globmed_*` run over a set that nobody can download.
        The row stands in the results without any metric, with 0 effective samples, and says why.
        """
        self.served = f"nothing: {name} is not on the hub, users bring their own file; this task has no score"
        logging.getLogger("globmed").warning("%s, %s: %s", name, language, self.served)
        return {"test": Documents([prompts.unavailable(name, language)]), "dev": Documents()}


def _run_by_lm_eval() -> bool:
    """True under the command lm_eval (or python -m lm_eval), where a one-line exit is better than a traceback."""
    program = Path(sys.argv[0])
    return program.stem in ("lm_eval", "lm-eval") or program.parent.name == "lm_eval"


dataset = TaskData()
