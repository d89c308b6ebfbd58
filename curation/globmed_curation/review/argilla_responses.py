"""Every response of a dataset on an Argilla server, checked against the server's own counts.

    found = read(client, "7c1f...", "trial-sw")
    found.responses[0].external_id, found.responses[0].status, found.responses[0].values
    found.counts                                    # {"submitted": 212, "draft": 3, "discarded": 1}: read, and counted by the server

Argilla does not say which records were answered since a time: a record's `updated_at` stays as it is when somebody answers it.
It does say when anybody last did so in a dataset, and how many responses of each status each user has there; a dataset of
which neither has changed need not be read (`look`). The SDK's records leave out when a response was made; its HTTP client has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from globmed_tools.errors import GlobmedError

from .model import STATUSES

if TYPE_CHECKING:
    from argilla import Argilla

#: The most that the server lists at once.
PAGE = 1000
#: How often a dataset is read anew where what was read is not what the server counts.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Look:
    """What the server says of a dataset as a whole. activity: when anybody last answered; updated: when its settings last
    changed; counts: responses by (username, status); guidelines: the text shown now."""

    activity: str
    updated: datetime
    counts: Counter
    guidelines: str

    @property
    def totals(self) -> dict[str, int]:
        return totals(self.counts)


@dataclass(frozen=True, slots=True)
class Response:
    """One user's answer to a record. record: the server's id; external_id: the item's; shown: the field in which errors are
    marked; made, at: when it was first stored, and last."""

    record: str
    external_id: str | None
    shown: str | None
    content: str | None
    user: str
    status: str
    values: dict[str, dict[str, Any]] | None
    made: datetime
    at: datetime


@dataclass(slots=True)
class Reading:
    """look: as it was before the reading; records: external ids of all records; notes: what a person should know."""

    look: Look
    responses: list[Response] = field(default_factory=list)
    records: set[str | None] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(one.status for one in self.responses)
        return {status: found[status] for status in STATUSES}


def totals(counts: Counter) -> dict[str, int]:
    """Responses by status, whoever's."""
    found: Counter = Counter()
    for (_, status), count in counts.items():
        found[status] += count
    return {status: found[status] for status in STATUSES}


def look(client: Argilla, dataset: str) -> Look:
    """What the server says of a dataset; cheap."""
    told = client.api.datasets.get(UUID(dataset))
    counts: Counter = Counter()
    for one in client.api.datasets.list_users_progress(UUID(dataset)):
        for part in (one.completed, one.pending):
            for status in STATUSES:
                counts[one.username, status] += getattr(part, status)
    activity, updated = told.last_activity_at, told.updated_at
    return Look(activity.isoformat() if activity else "", _utc(updated), +counts, told.guidelines or "")


def read(client: Argilla, dataset: str, name: str, *, tick: Callable[[int], None] = lambda count: None) -> Reading:
    """All responses of a dataset. Where they are not those that the server counts, they are read again; GlobmedError, with both
    numbers, where that does not help. While people are answering, what was read may lie between the counts before and after."""
    for attempt in range(ATTEMPTS):
        before = look(client, dataset)
        found, total = _pages(client, dataset, tick if not attempt else lambda count: None)
        found.look = before
        after = look(client, dataset)
        names = {str(one.id): one.username for one in client.api.users.list()}
        mine = Counter((names.get(one.user, one.user), one.status) for one in found.responses)
        if len(found.records) == total and mine == after.counts:
            return found
    if len(found.records) == total and before.activity != after.activity and _between(mine, before, after):
        found.notes.append(f"{name}: people are answering right now; pull again for what came in meanwhile")
        return found
    raise GlobmedError(_mismatch(client, name, found, total, mine, after))


def _pages(client: Argilla, dataset: str, tick: Callable[[int], None]) -> tuple[Reading, int]:
    """All records with their responses, and how many records the server says there are."""
    from argilla._exceptions import api_error_handler

    @api_error_handler
    def page(at: int) -> dict[str, Any]:
        query = {"offset": at, "limit": PAGE, "include": "responses"}
        reply = client.http_client.get(f"/api/v1/datasets/{dataset}/records", params=query)
        reply.raise_for_status()
        return orjson.loads(reply.content)

    found, seen, at, total = Reading(None), set(), 0, 1  # type: ignore[arg-type]
    while at < total:
        told = page(at)
        total = told["total"]
        for row in told["items"]:
            if row["id"] not in seen:  # pages shift where records are added or deleted meanwhile
                seen.add(row["id"])
                found.records.add(row["external_id"] or row["id"])
                found.responses += _responses(row)
        if not told["items"]:
            break
        at += len(told["items"])
        tick(len(told["items"]))
    return found, total


def _responses(row: dict[str, Any]) -> list[Response]:
    shown, content = row["fields"].get("translation"), (row.get("metadata") or {}).get("content")
    place = (row["id"], row["external_id"], shown, content)
    return [
        Response(
            *place, one["user_id"], one["status"], one["values"], _time(one["inserted_at"]), _time(one["updated_at"])
        )
        for one in row.get("responses") or ()
    ]


def _between(mine: Counter, before: Look, after: Look) -> bool:
    number = sum(mine.values())
    low, high = sorted((sum(before.counts.values()), sum(after.counts.values())))
    return low <= number <= high


def _mismatch(client: Argilla, name: str, found: Reading, total: int, mine: Counter, after: Look) -> str:
    if len(found.records) != total:
        what = f"{len(found.records):,} records were read, and the server says that there are {total:,}"
    else:
        own, its = totals(mine), after.totals
        parts = [
            f"{own[status]:,} {status} were read, and the server counts {its[status]:,}"
            for status in STATUSES
            if own[status] != its[status]
        ]
        what = "; ".join(parts) or "the answers that were read are not by those by whom the server counts them"
    return f"{client.api_url}, dataset {name}: {what}. Nothing of it was written; pull again, and see the server's log if it stays so."


def _time(text: str) -> datetime:
    return _utc(datetime.fromisoformat(text))


def _utc(time: datetime) -> datetime:
    """Argilla stores UTC and says no zone."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
