"""From a review folder to datasets on an Argilla server.

    >>> made = [push(client, folder, one, "globmed") for one in plan(folder, name="trial", languages=("sw",))]
    >>> made[0]
    Done(dataset='trial-sw', workspace='globmed', records=173, added=173, same=0, rewritten=0, kept=[], ...)

A record is known by its item's id, so pushing again, or after a push was cut off, adds what is missing and nothing twice. A
record whose item has changed is written anew where nobody has answered it, and is told and left as it is where somebody has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from globmed_tools.errors import GlobmedError

from ..lock import Busy, held
from . import argilla_layout, argilla_pushed, guidelines, questions
from .argilla_client import answered
from .argilla_layout import REVIEW
from .argilla_plan import Batch, plan
from .argilla_pushed import Pushed
from .argilla_records import content, record
from .model import Item

if TYPE_CHECKING:
    from argilla import Argilla, Dataset

__all__ = ["Batch", "Done", "alone", "plan", "push"]

#: Records in one request; the server takes 500.
BATCH = 250
#: The most that the server lists at once; records are some kilobytes each.
_PAGE = 500


@dataclass(slots=True)
class Done:
    """What was done, or would be. made: the dataset was not there; kept: ids of changed items that were answered already, left
    as they are; notes: what a person should know."""

    dataset: str
    workspace: str
    language: str
    round: str
    reviews: int
    records: int
    id: str | None = None
    made: bool = False
    added: int = 0
    same: int = 0
    rewritten: int = 0
    kept: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


@contextmanager
def alone(folder: Path, dry: bool = False) -> Iterator[None]:
    """One push at a time from a folder; dry: as many as there are."""
    with ExitStack() as stack:
        try:
            if not dry:
                stack.enter_context(held(folder / ".push.lock"))
        except Busy as other:
            raise GlobmedError(f"{folder}: is being pushed already (process {other}). Wait until it ends.") from None
        except OSError as error:
            raise GlobmedError(
                f"{folder}: cannot be written to ({error.strerror}), and what was pushed is remembered there. Copy the review to a "
                "folder of your own."
            ) from error
        yield


def push(
    client: Argilla,
    folder: Path,
    batch: Batch,
    workspace: str,
    *,
    dry: bool = False,
    tick: Callable[[int], None] = lambda count: None,
) -> Done:
    """Bring one dataset to what the batch says. dry: only say what would be done; tick: called with how many records are done."""
    done = Done(batch.dataset, workspace, batch.language, batch.round, batch.reviews, len(batch.items))
    with answered(client):
        dataset = _found(client, workspace, batch, done)
        there = _held(client, dataset) if dataset else {}
        todo = _todo(client, batch, there, done)
        tick(len(batch.items) - len(todo))
        if dry:
            return done
        dataset = dataset or _made(client, workspace, batch)
        done.id = str(dataset.id)
        _guide(dataset, batch, done)
        _send(client, dataset, batch, todo, tick)
    _remember(client, folder, batch, done, {id: there[id][1] for id in done.kept})
    return done


def _found(client: Argilla, workspace: str, batch: Batch, done: Done) -> Dataset | None:
    """The dataset, where it is there and is one of ours; None where it is still to be made."""
    place = client.workspaces(workspace)
    named = [one for one in client.api.datasets.list(place.id) if one.name == batch.dataset] if place else []
    done.made = not named or named[0].status != "ready"
    if done.made:
        if named:
            done.notes.append(f"{batch.dataset}: was half made when a push was cut off; made anew")
        return None
    dataset = _argilla().Dataset.from_model(named[0], client)
    dataset.settings.get()
    done.id = str(dataset.id)
    if _shape(dataset.settings) != _shape(argilla_layout.settings(batch.language, batch.round, batch.reviews)):
        raise GlobmedError(
            f"{client.api_url}, dataset {batch.dataset}: has other questions or fields than are asked now. Finish that round with "
            "what it was begun with (version of globmed, questions.toml), or begin another with --name."
        )
    return dataset


def _shape(settings) -> tuple:
    """What must not differ between a dataset and its layout: fields, all that is asked in its words, how many review."""
    asked = []
    for one in settings.questions:
        options = [(str(each["value"]), each.get("text")) for each in getattr(one._model.settings, "options", [])]
        asked.append((one.name, one._model.type, one.title, (one.description or "").strip(), options))
    return [one.name for one in settings.fields], asked, settings.distribution.min_submitted


def _made(client: Argilla, workspace: str, batch: Batch) -> Dataset:
    rg = _argilla()
    place = client.workspaces(workspace) or rg.Workspace(name=workspace, client=client).create()
    for half in client.api.datasets.list(place.id):
        if half.name == batch.dataset and half.status != "ready":
            client.api.datasets.delete(half.id)
    layout = argilla_layout.settings(batch.language, batch.round, batch.reviews, batch.guidelines)
    return rg.Dataset(batch.dataset, workspace=place, settings=layout, client=client).create()


def _guide(dataset: Dataset, batch: Batch, done: Done) -> None:
    if (dataset.settings.guidelines or "").strip() != batch.guidelines.strip():
        from argilla._models import DatasetModel

        dataset._api.update(DatasetModel(id=dataset.id, name=dataset.name, guidelines=batch.guidelines))
        done.notes.append(f"{batch.dataset}: has new guidelines")


def _held(client: Argilla, dataset: Dataset) -> dict[str, tuple[Any, str | None]]:
    """Item id -> the server's id of its record, and its content."""
    found, at = {}, 0
    while page := client.api.records.list(dataset.id, at, _PAGE, with_suggestions=False, with_responses=False):
        for one in page:
            told = {each.name: each.value for each in one.metadata}
            found[one.external_id] = (one.id, told.get("content"))
        at += len(page)
    return found


def _todo(client: Argilla, batch: Batch, there: dict[str, tuple[Any, str | None]], done: Done) -> list[Item]:
    """The items whose records are to be written."""
    wanted = {one.id for one in batch.items}
    if foreign := set(there) - wanted:
        what = f"holds {len(foreign):,} records that are not of this review (such as {min(map(str, foreign))})"
        if batch.round == REVIEW:
            raise GlobmedError(f"{client.api_url}, dataset {batch.dataset}: {what}. Choose another --name.")
        done.notes.append(f"{batch.dataset}: {what} any more; left as they are")
    todo = []
    for one in batch.items:
        id, held_content = there.get(one.id, (None, None))
        if id is None:
            done.added += 1
        elif held_content == content(one, batch.rows.get(one.id)):
            done.same += 1
            continue
        elif client.api.records.get(id).responses:
            done.kept.append(one.id)
            continue
        else:
            done.rewritten += 1
        todo.append(one)
    return todo


def _send(client: Argilla, dataset: Dataset, batch: Batch, todo: list[Item], tick: Callable[[int], None]) -> None:
    from argilla._exceptions import UnprocessableEntityError
    from argilla._models import RecordModel, SuggestionModel

    asked = {one.name: one.id for one in dataset.settings.questions}
    for at in range(0, len(todo), BATCH):
        some = todo[at : at + BATCH]
        models = []
        for item in some:
            made = record(item, batch.rows.get(item.id))
            told = [
                SuggestionModel(value=value, question_id=asked[name]) for name, value in made["suggestions"].items()
            ]
            models.append(RecordModel(**{**made, "suggestions": told}))
        try:
            client.api.records.bulk_upsert(dataset.id, models)
        except UnprocessableEntityError as error:
            place = re.search(r"position (\d+)", str(error))
            which = some[int(place[1])].id if place else f"{some[0].id} to {some[-1].id}"
            raise GlobmedError(
                f"{client.api_url}, dataset {batch.dataset}, item {which}: refused by the server ({str(error)[:300]})."
            ) from error
        tick(len(some))


def _remember(client: Argilla, folder: Path, batch: Batch, done: Done, kept: dict[str, str | None]) -> None:
    """kept: of the records that were left as they are, the content that reviewers see."""
    told = Pushed(
        name=batch.dataset,
        id=str(done.id),
        workspace=done.workspace,
        language=batch.language,
        round=batch.round,
        reviews=batch.reviews,
        server=client.api_url,
        records=len(batch.items),
        questions=questions.version(),
        guidelines=guidelines.version(batch.guidelines),
        contents={one.id: content(one, batch.rows.get(one.id)) for one in batch.items} | kept,
    )
    argilla_pushed.remember(folder, told)


def _argilla():
    import argilla

    return argilla
