"""A search engine for argilla-server that answers from Argilla's own SQLite database.

    ARGILLA_SEARCH_ENGINE=globmed      after register()

The database is the index: there is no copy that could lag behind it, so whatever a client was told is stored is found by its
next search. Conditions, orders, counts and pages are SQL; text is compared by a function that SQLite calls (text.py), for
SQLite's own LIKE and full-text search know neither NFKC nor words of Chinese. Vectors are compared by numpy.
Searches use read-only connections of their own, so that they wait neither for the requests' connections nor for writers.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

from argilla_server.enums import MetadataPropertyType, SimilarityOrder
from argilla_server.errors.future import UnprocessableEntityError
from argilla_server.models import Record, Response, Vector
from argilla_server.search_engine.base import (
    FloatMetadataMetrics,
    IntegerMetadataMetrics,
    SearchEngine,
    SearchResponseItem,
    SearchResponses,
    TermsMetrics,
    TextQuery,
)
from argilla_server.settings import settings
from sqlalchemy import String, cast, event, func, make_url, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from . import filters, text

NAME = "globmed"
#: Connections for searches: more at once wait for one another.
READERS = 6

_reader: AsyncEngine | None = None


def register() -> None:
    """Make the engine known to Argilla under NAME."""
    text.compiled("once")  # the first query of all takes a third of a second: not a reviewer's
    SearchEngine.register(NAME)(DatabaseEngine)


def reader() -> AsyncEngine:
    """The read-only connections, with the functions that searches use."""
    global _reader
    if _reader is None:
        file = make_url(settings.database_url).database
        _reader = create_async_engine(
            f"sqlite+aiosqlite:///file:{file}?mode=ro&uri=true", pool_size=READERS, max_overflow=0, pool_timeout=300
        )

        @event.listens_for(_reader.sync_engine, "connect")
        def add_functions(connection, record):
            connection.create_function("globmed_matches", 2, text.matches, deterministic=True)
            connection.create_function("globmed_shuffle", 2, _shuffle, deterministic=True)

    return _reader


def _shuffle(seed: str, record_id: str) -> int:
    """A place in an order that differs from user to user and stays the same for each."""
    return int.from_bytes(hashlib.blake2b(f"{seed}{record_id}".encode(), digest_size=7).digest(), "big")


class DatabaseEngine(SearchEngine):
    """Argilla's contract of a search engine."""

    @classmethod
    async def new_instance(cls) -> DatabaseEngine:
        return cls()

    async def close(self):
        """One engine is made for each request; the connections outlive it."""

    async def ping(self) -> bool:
        async with reader().connect() as db:
            return (await db.execute(select(1))).scalar_one() == 1

    async def info(self) -> dict:
        import sqlite3

        return {"name": NAME, "version": {"number": sqlite3.sqlite_version, "distribution": "sqlite"}}

    # What was written is in the database already.

    async def create_index(self, dataset):
        pass

    async def delete_index(self, dataset):
        pass

    async def configure_metadata_property(self, dataset, metadata_property):
        pass

    async def configure_index_vectors(self, vector_settings):
        pass

    async def index_records(self, dataset, records):
        pass

    async def partial_record_update(self, record, **update):
        pass

    async def delete_records(self, dataset, records):
        pass

    async def update_record_response(self, response):
        pass

    async def delete_record_response(self, response):
        pass

    async def update_record_suggestion(self, suggestion):
        pass

    async def delete_record_suggestion(self, suggestion):
        pass

    async def get_dataset_progress(self, dataset) -> dict:
        """{"total": 10, "pending": 7, "completed": 3} in records; nothing of a dataset that is still a draft."""
        query = select(Record.status, func.count()).where(Record.dataset_id == dataset.id).group_by(Record.status)
        return {} if dataset.is_draft else await _counts(query)

    async def get_dataset_user_progress(self, dataset, user) -> dict:
        """{"total": 5, "submitted": 4, "draft": 1} in responses of the user."""
        query = select(Response.status, func.count()).join(Record, Record.id == Response.record_id)
        query = query.where(Record.dataset_id == dataset.id, Response.user_id == user.id).group_by(Response.status)
        return {} if dataset.is_draft else await _counts(query)

    async def search(
        self, dataset, query=None, filter=None, sort=None, offset: int = 0, limit: int = 100, user_id=None
    ) -> SearchResponses:
        """A page of record ids and how many there are in all.

        Without an order: for a user, the user's own shuffle; else as they were added.
        """
        conditions = _conditions(dataset, query, filter)
        order = [filters.ordering(one, dataset) for one in sort or []]
        if user_id and not sort:
            order = [func.globmed_shuffle(str(user_id), cast(Record.id, String))]
        page = select(Record.id, func.count().over()).where(*conditions)
        page = page.order_by(*order, Record.inserted_at, Record.id).offset(offset).limit(limit)
        async with reader().connect() as db:
            rows = (await db.execute(page)).all()
            if rows:
                total = rows[0][1]
            else:  # a page behind the last one has no row to carry the count
                count = select(func.count()).select_from(Record).where(*conditions)
                total = (await db.execute(count)).scalar_one() if offset or not limit else 0
        return SearchResponses(items=[SearchResponseItem(record_id=row[0], score=1.0) for row in rows], total=total)

    async def compute_metrics_for(self, metadata_property):
        """How often each term occurs, or the smallest and the greatest number."""
        each = func.json_each(Record.metadata_, filters.path(metadata_property.name)).table_valued("atom", "type")
        values = select(Record.id).join(each, each.c.type != "null")
        values = values.where(Record.dataset_id == metadata_property.dataset_id)
        async with reader().connect() as db:
            if metadata_property.type == MetadataPropertyType.terms:
                term = cast(each.c.atom, String)
                query = values.with_only_columns(term, func.count(), maintain_column_froms=True).group_by(term)
                rows = (await db.execute(query.order_by(func.count().desc(), term))).all()
                counted = [{"term": term, "count": count} for term, count in rows]
                return TermsMetrics(total=sum(one["count"] for one in counted), values=counted)
            query = values.with_only_columns(func.min(each.c.atom), func.max(each.c.atom), maintain_column_froms=True)
            low, high = (await db.execute(query)).one()
        integer = metadata_property.type == MetadataPropertyType.integer
        return (IntegerMetadataMetrics if integer else FloatMetadataMetrics)(min=low, max=high)

    async def similarity_search(
        self,
        dataset,
        vector_settings,
        value=None,
        record=None,
        query=None,
        filter=None,
        max_results: int = 100,
        order=SimilarityOrder.most_similar,
        threshold: float | None = None,
    ) -> SearchResponses:
        """The records whose vectors point most nearly in the same direction, or least, scored (1 + cosine) / 2 as
        Elasticsearch does: of the opposite vector where the least similar are asked for."""
        if bool(value) == bool(record):
            raise ValueError("Give either a vector or a record.")
        target = value or record.vector_value_by_vector_settings(vector_settings)
        if not target or len(target) != vector_settings.dimensions:
            raise UnprocessableEntityError(
                f"vector `{vector_settings.name}` has {vector_settings.dimensions} dimensions, not {len(target or [])}"
            )
        conditions = [*_conditions(dataset, query, filter), Vector.vector_settings_id == vector_settings.id]
        if record is not None:
            conditions.append(Record.id != record.id)
        page = select(Record.id, type_coerce(Vector.value, String)).join(Vector, Vector.record_id == Record.id)
        async with reader().connect() as db:
            rows = (await db.execute(page.where(*conditions).order_by(Record.inserted_at, Record.id))).all()
        sign = -1.0 if order == SimilarityOrder.least_similar else 1.0
        found = await asyncio.to_thread(_nearest, rows, target, sign, max_results, threshold)
        return SearchResponses(
            items=[SearchResponseItem(record_id=one, score=score) for one, score in found], total=len(found)
        )


async def _counts(query) -> dict:
    async with reader().connect() as db:
        rows = {str(status): count for status, count in (await db.execute(query)).all()}
    return {"total": sum(rows.values()), **rows}


def _conditions(dataset, query: TextQuery | str | None, filter) -> list:
    conditions = [Record.dataset_id == dataset.id]
    if filter:
        conditions.append(filters.where(filter, dataset))
    if query is not None:  # last: what the filters have left out is not read
        query = TextQuery(q=query) if isinstance(query, str) else query
        conditions.append(func.globmed_matches(query.q, _searched(dataset, query.field)))
    return conditions


def _searched(dataset, name: str | None) -> Any:
    """The text of the field of that name, or of all; an image is not text."""
    fields = [field for field in dataset.fields if not field.is_image and name in (None, field.name)]
    parts = [_field_text(field) for field in fields]
    if not parts:
        return ""
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.op("||")("\n").op("||")(part)
    return whole


def _field_text(field) -> Any:
    where = filters.path(field.name)
    if field.is_text:
        found = func.json_extract(Record.fields, where, type_=String)
    else:  # a chat or a custom field: every string and number in it
        tree = func.json_tree(Record.fields, where).table_valued("atom")
        found = select(func.group_concat(tree.c.atom, "\n", type_=String)).select_from(tree)
        found = found.where(tree.c.atom.is_not(None)).scalar_subquery()
    return func.coalesce(found, "", type_=String)


def _nearest(rows, target: list[float], sign: float, most: int, threshold: float | None) -> list[tuple[Any, float]]:
    """rows: (id, vector as JSON text). The best first; equal ones as they were added."""
    import numpy as np

    if not rows:
        return []
    matrix = np.asarray(json.loads("[" + ",".join(row[1] for row in rows) + "]"), dtype=np.float64)
    wanted = np.asarray(target, dtype=np.float64) * sign
    length = np.linalg.norm(matrix, axis=1) * np.linalg.norm(wanted)
    cosine = np.divide(matrix @ wanted, length, out=np.zeros(len(matrix)), where=length > 0)
    scores = (1.0 + cosine) / 2.0
    best = np.argsort(-scores, kind="stable")[:most]
    return [(rows[one][0], float(scores[one])) for one in best if threshold is None or scores[one] >= threshold]
