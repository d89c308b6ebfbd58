"""Argilla's filters and orders as SQL over its own tables.

    where(filter, dataset)     a condition on `records`
    ordering(order, dataset)   what to sort `records` by, absent values last in both directions

The meaning is that of Argilla's Elasticsearch engine: a list matches where one of its values does; a response filter looks
at one response at a time; "pending" is a record without a response (of that user).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from argilla_server.errors.future import UnprocessableEntityError
from argilla_server.models import Question, Record, Response, Suggestion
from argilla_server.search_engine.base import (
    AndFilter,
    MetadataFilterScope,
    RangeFilter,
    RecordFilterScope,
    ResponseFilterScope,
    SuggestionFilterScope,
)
from sqlalchemy import String, and_, cast, exists, false, func, or_, select, true

DATES = ("inserted_at", "updated_at")


def path(*keys: str) -> str:
    """A JSON path. Argilla allows no quote in names; one that came in would only find nothing."""
    return "$" + "".join('."{}"'.format(key.replace('"', "")) for key in keys)


def where(filter: Any, dataset: Any):
    """The condition of a filter."""
    if isinstance(filter, AndFilter):
        return and_(true(), *(where(one, dataset) for one in filter.filters))
    scope = filter.scope
    if isinstance(scope, RecordFilterScope):
        return _record(scope.property, filter)
    if isinstance(scope, MetadataFilterScope):
        return _any_value(Record.metadata_, path(scope.metadata_property), filter)
    if isinstance(scope, SuggestionFilterScope):
        return exists(_suggestions(scope, dataset).where(_suggestion(scope.property or "value", filter)))
    if isinstance(scope, ResponseFilterScope):
        return _responses(scope, filter)
    raise UnprocessableEntityError(f"unknown scope of a filter: {scope}")


def ordering(order: Any, dataset: Any):
    """The expression of one order."""
    scope, down = order.scope, str(order.order) == "desc"
    pick = func.max if down else func.min
    if isinstance(scope, RecordFilterScope):
        value = getattr(Record, str(scope.property))
    elif isinstance(scope, MetadataFilterScope):
        each = func.json_each(Record.metadata_, path(scope.metadata_property)).table_valued("atom")
        value = select(pick(each.c.atom)).select_from(each).scalar_subquery()
    elif isinstance(scope, SuggestionFilterScope):
        value = _suggestion_value(scope, dataset, pick)
    elif isinstance(scope, ResponseFilterScope):
        value = _response_value(scope, pick)
    else:
        raise UnprocessableEntityError(f"unknown scope of an order: {scope}")
    return (value.desc() if down else value.asc()).nulls_last()


def _suggestions(scope, dataset):
    """The suggestions of a record (of the outer query) for the scope's question."""
    return (
        select(Suggestion.id)
        .join(Question, Question.id == Suggestion.question_id)
        .where(Suggestion.record_id == Record.id, Question.name == scope.question, Question.dataset_id == dataset.id)
        .correlate(Record)
    )


def _suggestion(property: str, filter):
    if property in ("value", "score"):
        return _any_value(getattr(Suggestion, property), "$", filter)
    column = cast(getattr(Suggestion, property), String)
    return _compare(column, filter, text=True)


def _suggestion_value(scope, dataset, pick):
    property = scope.property or "value"
    query = _suggestions(scope, dataset)
    if property in ("value", "score"):
        each = func.json_each(getattr(Suggestion, property), "$").table_valued("atom")
        one = select(pick(each.c.atom)).select_from(each).correlate(Suggestion).scalar_subquery()
        return query.with_only_columns(one, maintain_column_froms=True).scalar_subquery()
    return query.with_only_columns(getattr(Suggestion, property), maintain_column_froms=True).scalar_subquery()


def _mine(scope):
    """The responses of a record (of the outer query), or of one user."""
    query = select(Response.id).where(Response.record_id == Record.id).correlate(Record)
    return query.where(Response.user_id == scope.user.id) if scope.user else query


def _responses(scope, filter):
    if scope.question:
        return exists(_mine(scope).where(_any_value(Response.values, path(scope.question, "value"), filter)))
    if scope.property != "status" or isinstance(filter, RangeFilter):
        raise UnprocessableEntityError("a filter on responses names a question, or values of the status")
    values = {str(value) for value in filter.values}
    named = _mine(scope).where(cast(Response.status, String).in_(sorted(values - {"pending"})))
    return or_(exists(named), ~exists(_mine(scope)) if "pending" in values else false())


def _response_value(scope, pick):
    """The mean over a record's responses; of labels, the first or last."""
    if not scope.question:
        return _mine(scope).with_only_columns(pick(Response.status), maintain_column_froms=True).scalar_subquery()
    each = func.json_each(Response.values, path(scope.question, "value")).table_valued("atom", "type")
    number = each.c.type.in_(("integer", "real"))
    value = func.coalesce(func.avg(each.c.atom).filter(number), pick(each.c.atom))
    return _mine(scope).join(each, true()).with_only_columns(value, maintain_column_froms=True).scalar_subquery()


def _any_value(column, where_in_it: str, filter):
    """Whether the value in a JSON column, or one value of the list there, satisfies the filter."""
    each = func.json_each(column, where_in_it).table_valued("atom", "type")
    number, text = each.c.type.in_(("integer", "real")), each.c.type == "text"
    if isinstance(filter, RangeFilter):
        bounds = [bound for bound in (filter.ge, filter.le) if bound is not None]
        parts = []
        if all(isinstance(bound, str) for bound in bounds):
            parts.append(and_(text, _compare(each.c.atom, filter)))
        numbers = [_number(bound) for bound in (filter.ge, filter.le)]
        if all(_number(bound) is not None for bound in bounds):
            parts.append(and_(number, _compare(each.c.atom, RangeFilter(filter.scope, *numbers))))
        condition = or_(false(), *parts)
    else:
        values = [str(value) for value in filter.values]
        numbers = [one for one in map(_number, values) if one is not None]
        condition = or_(
            and_(text, each.c.atom.in_(values)),
            and_(number, each.c.atom.in_(numbers)),
            each.c.type.in_([value for value in values if value in ("true", "false")]),
        )
    return exists(select(each.c.atom).select_from(each).where(condition))


def _record(property: Any, filter):
    """A condition on a column of the record itself. Ids and times are stored in a form of their own."""
    name = str(property)
    column = getattr(Record, name)
    if name in DATES:
        if isinstance(filter, RangeFilter):
            return _compare(column, RangeFilter(filter.scope, _time(filter.ge), _time(filter.le, end=True)))
        return column.in_([_time(value) for value in filter.values])
    if name == "id":
        if isinstance(filter, RangeFilter):
            raise UnprocessableEntityError("ids have no range: filter them by terms")
        return column.in_([one for one in map(_uuid, filter.values) if one])
    return _compare(cast(column, String), filter, text=True)


def _compare(column, filter, *, text: bool = False):
    """`column` against the filter's own values; with text, as strings."""
    as_is = str if text else (lambda value: value)
    if not isinstance(filter, RangeFilter):
        return column.in_([as_is(value) for value in filter.values])
    parts = [column.is_not(None)]
    if filter.ge is not None:
        parts.append(column >= as_is(filter.ge))
    if filter.le is not None:
        parts.append(column <= as_is(filter.le))
    return and_(*parts)


def _number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _time(value: Any, *, end: bool = False) -> datetime | None:
    """A bound of a time, as the database has it: UTC without a zone. A number is milliseconds since 1970; a day without
    an hour is, as an upper bound, its end."""
    if value is None:
        return None
    try:
        if (milliseconds := _number(value)) is not None:
            return datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None)
        found = datetime.fromisoformat(value)
    except (ValueError, OverflowError) as error:
        raise UnprocessableEntityError(f"{value!r} is no ISO 8601 time, such as 2026-01-31T12:00:00") from error
    if found.tzinfo:
        found = found.astimezone(UTC).replace(tzinfo=None)
    return found + timedelta(days=1, microseconds=-1) if end and len(value) == 10 else found
