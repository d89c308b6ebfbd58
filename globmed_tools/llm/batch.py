"""The batch-file format: calls into files for a provider's batch interface, its result files into the journal.

    written = write(calls, Path("out/batch"), journal)           out/batch-0001.jsonl, ... : one model each, within the limits
    read([Path("out/batch-0001.jsonl")], [Path("results.jsonl")], journal)      Imported(answered=49871, failed=..., problems=[...])

custom_id is the call's key in the journal, so a later run over the same calls finds the answers there and asks live only
what the batch left out. The files hold no key of an endpoint; sending and fetching them is the provider's own tool's work.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from .. import manifest, store
from ..errors import GlobmedError
from . import causes, schema
from .calls import Call, key
from .client import Fault, answer_of, message_of
from .journal import ANSWERED, FAILED, Journal, Row, packed
from .keys import NO_KEY, Key

#: The limits of one file: 50,000 requests and 200 MB at OpenAI; we stay a little below.
MOST_CALLS, MOST_BYTES = 50_000, 190_000_000
URL = "/v1/chat/completions"
_AT_ONCE = 500


@dataclass
class Imported:
    """What came back. problems: a line for each result that could not be used at all, with file and line."""

    answered: int = 0
    failed: Counter = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    missing: int = 0


def line_of(call: Call, name: str) -> dict:
    """One request, as a batch file has it."""
    messages, format = list(call.messages), None
    if call.schema is not None:
        messages, format = schema.request(call.messages, call.schema, schema.FORMS[0])
    parameters = dict(call.parameters)
    extra = parameters.pop("extra_body", None) or {}
    body = {"model": call.model, "messages": [dict(one) for one in messages], **parameters, **extra}
    if format is not None:
        body["response_format"] = format
    return {"custom_id": name, "method": "POST", "url": URL, "body": body}


def write(
    calls: Iterable[Call], prefix: Path, journal: Journal | None = None, *, most_calls=MOST_CALLS, most_bytes=MOST_BYTES
) -> list[Path]:
    """Write the calls that the journal does not hold, each once; the files in the order in which they were filled.

    Raises GlobmedError where nothing is left to ask, or the disk refuses.
    """
    open_files: dict[str, list[bytes]] = {}
    sizes: Counter = Counter()
    written: list[Path] = []

    def flush(model: str) -> None:
        words = re.sub(r"[^A-Za-z0-9.-]+", "-", model).strip("-")
        path = prefix.with_name(f"{prefix.name}-{words}-{len(written) + 1:04}.jsonl")
        written.append(manifest.write_bytes(path, b"".join(open_files.pop(model))))
        sizes[model] = 0

    for call, name in _unanswered(calls, journal):
        line = orjson.dumps(line_of(call, name), option=orjson.OPT_APPEND_NEWLINE)
        lines = open_files.get(call.model, [])
        if lines and (len(lines) >= most_calls or sizes[call.model] + len(line) > most_bytes):
            flush(call.model)
        open_files.setdefault(call.model, []).append(line)
        sizes[call.model] += len(line)
    for model in sorted(open_files):
        flush(model)
    if not written:
        raise GlobmedError(f"{prefix}: nothing to write, the journal holds every call. Run without the batch.")
    return written


def _unanswered(calls: Iterable[Call], journal: Journal | None):
    from itertools import islice

    source, seen = iter(calls), set()
    while some := [(call, key(call)) for call in islice(source, _AT_ONCE)]:
        found = journal.get({name for _, name in some}) if journal else {}
        for call, name in some:
            row = found.get(name)
            if name not in seen and not (row and (row.state == ANSWERED or row.cause in causes.PAID)):
                seen.add(name)
                yield call, name


def read(requests: Sequence[Path], results: Sequence[Path], journal: Journal, secret: Key = NO_KEY) -> Imported:
    """Import result files (output and error files alike) into the journal; requests are the files that `write` made.

    A result with an error is kept as failed with its cause; one that fits no request, is there twice or cannot be read is a
    problem and is not kept. What the journal holds as answered stays.
    """
    asked: dict[str, dict] = {}
    for path in requests:
        for number, row in store.json_lines(path):
            if not isinstance(row.get("custom_id"), str) or not isinstance(row.get("body"), dict):
                raise GlobmedError(
                    f"{path}, line {number}: no batch request. Name the files that were written for the batch."
                )
            asked[row["custom_id"]] = row["body"]
    imported, rows, seen = Imported(), [], set()
    for path in results:
        for number, line in store.json_lines(path):
            name = line.get("custom_id")
            if name not in asked or name in seen:
                what = "is there twice" if name in seen else "was not asked for in these files"
                imported.problems.append(f"{path}, line {number}: custom_id {name!r} {what}")
                continue
            seen.add(name)
            row = _row(name, asked[name], line, secret)
            rows.append(row)
            if row.state == ANSWERED:
                imported.answered += 1
            else:
                imported.failed[row.cause] += 1
            if len(rows) >= _AT_ONCE:
                journal.put(rows)
                rows = []
    journal.put(rows)
    imported.missing = len(asked) - len(seen)
    return imported


def _row(name: str, body: dict, line: dict, secret: Key) -> Row:
    """The journal's row for one result."""
    base = dict(key=name, model=body["model"], via="batch", request=packed(body))
    try:
        found = answer_of(_content(line, secret), {}, 0.0, secret.hide)
        cause, detail = _verdict(found, body)
    except Fault as fault:
        return Row(state=FAILED, cause=fault.cause, detail=fault.detail, **base)
    used = dict(text=found.text, input=found.usage.input, output=found.usage.output, cached=found.usage.cached)
    return Row(state=FAILED if cause else ANSWERED, cause=cause, detail=detail, **used, **base)


def _content(line: dict, secret: Key) -> bytes:
    """The body of a response; Fault where the line holds an error instead."""
    response = line.get("response") or {}
    status = response.get("status_code")
    if status == 200 and isinstance(response.get("body"), dict):
        return orjson.dumps(response["body"])
    error = response.get("body") or line.get("error") or {}
    text, code = message_of(orjson.dumps(error))
    text = secret.hide(text)
    if code == "batch_expired" or status is None and "expired" in text:
        raise Fault("not asked", f"the batch ended before it: {text}")
    raise Fault(causes.of_status(status or 500, text, code), f"HTTP {status or 'not said'}: {text}")


def _verdict(found, body: dict) -> tuple[str, str]:
    """(cause, detail) of an answer that is no use, else two empty texts."""
    asked = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    if found.refusal or (causes.reads_as_refusal(found.text) and found.finish == "stop"):
        return "refusal", found.refusal or found.text
    if found.finish == "content_filter":
        return "content filter", "finish_reason content_filter"
    if found.finish == "length":
        return ("cut JSON" if asked else "cut text"), "the limit of tokens was reached"
    if not found.text.strip():
        return "empty", "no text"
    if asked is not None:
        try:
            schema.read(found.text, asked)
        except schema.Wrong as wrong:
            return wrong.cause, wrong.detail
    return "", ""
