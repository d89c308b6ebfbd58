"""What reviewers answered on an Argilla server -> answers of the review folder.

    found = [pull(client, folder, one, people_of(client, folder)) for one in there(client, folder)]
    found[0]
    Pulled(dataset="trial-sw", state="read", answers={"submitted": 212, ...}, added=30, changed=2, same=184, ...)

    review/answers.jsonl         answers of the review; of the adjudication: adjudicated.jsonl
    review/pulled.json           what each dataset was like when it was last read: a dataset where nothing has happened since is not

Answers are written first, then that a dataset was read: a pull that is cut off loses nothing, and the next repeats nothing. Nothing
is ever taken away here: an answer that is no longer on the server (its record or its user was deleted) is kept, and told.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from globmed_tools import languages as table
from globmed_tools.errors import GlobmedError

from ..lock import Busy, held
from . import accounts, argilla_answers, argilla_pulled, argilla_pushed, argilla_responses, guidelines, model, people
from .agreement_answers import ADJUDICATED
from .argilla_client import answered
from .argilla_layout import ADJUDICATION, REVIEW
from .argilla_pulled import State
from .argilla_pushed import Pushed
from .model import Answer

if TYPE_CHECKING:
    from argilla import Argilla

READ, UNCHANGED, ABSENT = "read", "nothing new", "not on the server"


@dataclass(slots=True)
class Pulled:
    """What came of one dataset. answers: by status, as read and as the server counts them; added, changed, same: compared with
    what was held; gone: {"item", "reviewer"} of answers that are held and no longer on the server; problems: {"item", "reviewer",
    "question", "what"} of what cannot be read; notes: what a person should know."""

    dataset: str
    language: str
    round: str
    state: str
    answers: dict[str, int] = field(default_factory=dict)
    added: int = 0
    changed: int = 0
    same: int = 0
    gone: list[dict[str, str]] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def there(
    client: Argilla, folder: Path, *, languages: tuple[str, ...] = (), adjudication: bool = False
) -> list[Pushed]:
    """The datasets that this review was pushed to and that belong to this server; GlobmedError where there are none."""
    round = ADJUDICATION if adjudication else REVIEW
    pushed = [one for one in argilla_pushed.read(folder) if one.round == round]
    if not pushed:
        more = " --adjudication" if adjudication else ""
        raise GlobmedError(f"{folder}: nothing was pushed from here yet. Run globmed review push {folder}{more} first.")
    codes = [table.get(code).code for code in languages]
    known = {one.language for one in pushed}
    if missing := [code for code in codes if code not in known]:
        raise GlobmedError(
            f"nothing was pushed in {', '.join(missing)} (but in {', '.join(sorted(known))}). Check --language."
        )
    with answered(client):
        on_server = {str(one.id) for one in client.api.datasets.list()}
    # The address of a server may change; a dataset pushed to this address that is not there was deleted.
    mine = [one for one in pushed if one.id in on_server or one.server == client.api_url]
    if not mine:
        servers = ", ".join(sorted({one.server for one in pushed}))
        raise GlobmedError(
            f"{client.api_url}: none of this review's datasets is there; they were pushed to {servers}. Check --server or --url."
        )
    return [one for one in mine if not codes or one.language in codes]


@contextmanager
def alone(folder: Path):
    """One pull at a time into a folder."""
    try:
        with held(folder / ".pull.lock"):
            yield
    except Busy as other:
        raise GlobmedError(
            f"{folder}: answers are being pulled already (process {other}). Wait until it ends."
        ) from None


class Who:
    """The server's users as pseudonyms; whoever is not known gets one. dry: gives none, and says that somebody would get one."""

    def __init__(self, client: Argilla, folder: Path, *, dry: bool = False):
        self._client, self._folder, self._dry = client, folder, dry
        self._given = {one.user: one.pseudonym for one in accounts.read(folder).values()}
        self._names: dict[str, str] = {}

    def __call__(self, user: str) -> str:
        """The pseudonym of a user, by the server's id."""
        if user not in self._given:
            known, name = people.read(self._folder), self._name(user)
            # R01 is our R01 where nobody else is; of a number that nobody here has, or another has, it is a name like any.
            if name in self._given.values() or (name not in known and people.PSEUDONYM.match(name)):
                name = f"user {name}"
            given = people.pseudonym(self._folder, name, dry=self._dry)
            self._given[user] = given if given in known or not self._dry else f"new {len(self._given) + 1}"
        return self._given[user]

    def _name(self, user: str) -> str:
        if user not in self._names:  # somebody who came while this was running
            with answered(self._client):
                self._names = {str(one.id): one.username for one in self._client.api.users.list()}
        return self._names.get(user, user)


def pull(
    client: Argilla,
    folder: Path,
    pushed: Pushed,
    who: Who,
    *,
    full: bool = False,
    dry: bool = False,
    tick: Callable[[int], None] = lambda count: None,
) -> Pulled:
    """Bring the answers of one dataset into the folder. full: read it even where nothing has happened; dry: write nothing."""
    done = Pulled(pushed.name, pushed.language, pushed.round, READ)
    before = argilla_pulled.read(folder).get(pushed.id)
    path = folder / (ADJUDICATED if pushed.round == ADJUDICATION else model.ANSWERS)
    with answered(client):
        if pushed.id not in {str(one.id) for one in client.api.datasets.list()}:
            done.state = ABSENT
            done.notes.append(f"{pushed.name}: was deleted on the server; what was pulled from it is kept")
            return done
        if before and not full and _unchanged(argilla_responses.look(client, pushed.id), before, path):
            done.state, done.answers = UNCHANGED, before.answers
            tick(pushed.records)
            return done
        reading = argilla_responses.read(client, pushed.id, pushed.name, tick=tick)
    done.answers, done.notes = reading.counts, list(reading.notes)
    shown = guidelines.version(reading.look.guidelines)
    items = {one.id: one for one in model.open_review(folder)}
    found = argilla_answers.answers(reading, items, pushed.name, who, shown, before and before.guidelines)
    done.problems = found.problems
    done.notes += found.notes
    _merge(folder, path.name, found, done, dry=dry)
    if not dry:
        counts = {"held": done.added + done.changed + done.same, "problems": len(done.problems)}
        now = reading.look.activity, reading.counts, shown
        argilla_pulled.remember(folder, State(pushed.id, pushed.name, *now, **counts))
    return done


def _unchanged(now: argilla_responses.Look, before: State, path: Path) -> bool:
    """Whether nothing has happened on the server since a dataset was read, all of it could be read, and all is still here."""
    told = (now.activity, now.totals, guidelines.version(now.guidelines))
    same = told == (before.activity, before.answers, before.guidelines)
    return same and not before.problems and len(_held(path, before.name)) >= before.held


def _merge(folder: Path, into: str, found: argilla_answers.Found, done: Pulled, *, dry: bool) -> None:
    """Put the answers of a dataset among those of a file. An answer that has not been touched since it was pulled keeps the
    guidelines that were shown then."""
    before, new = _held(folder / into, done.dataset), {}
    for one in found.answers:
        key = one.item, one.reviewer
        untouched = key in before and before[key].at == one.at
        new[key] = replace(one, guideline=before[key].guideline) if untouched else one
    merged = model.merge_answers(folder, new.values(), into=into, dry=dry)
    done.added, done.changed, done.same = (len(merged[kind]) for kind in ("added", "changed", "same"))
    same = {(one.item, one.reviewer) for one in merged["same"]}
    for key in new:
        done.notes += found.told.get(key, ()) if key not in same else ()
    done.gone = [{"item": item, "reviewer": reviewer} for item, reviewer in before if (item, reviewer) not in new]


def _held(path: Path, dataset: str) -> dict[tuple[str, str], Answer]:
    """(item, reviewer) -> the answer that came from a dataset."""
    mine = [one for one in model.read_answers(path) if (one.via, one.dataset) == ("argilla", dataset)]
    return {(one.item, one.reviewer): one for one in mine}
