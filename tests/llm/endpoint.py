"""A small HTTP server that speaks the chat-completions protocol and can misbehave.

    with Endpoint(faults=0.2, kinds=KINDS, delay=0.01) as server:          in a thread; server.url ends in /v1
        server.script["the user's words"] = ["hang", "ok"]                 what that prompt meets, in this order; then "ok"
        server.answered["the user's words"]                                good answers that were sent for that prompt

    python -m tests.llm.endpoint --delay 0.05                              a process of its own; prints its address

A prompt is known by the content of its first user message, so a repair counts as the same prompt. `answer(body)` gives the
text of a good answer: by default an object that the schema allows, else "reply to: ..." .
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import orjson

#: Faults that pass: the next request may be answered.
PASSING = ("429", "429 after", "429 date", "500", "503", "slow", "hang", "cut response", "closed", "empty")
#: Answers of the model that are no use.
BAD = ("cut json", "wrong schema", "refusal", "refusal field", "content filter", "length")
#: Errors that stay.
ERRORS = ("400 context", "400 filter", "400 parameter", "401", "404 model", "404", "402", "echo key")
KINDS = ("429", "429 after", "500", "slow", "hang", "cut response", "cut json", "wrong schema", "refusal", "empty")
_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 404: "Not Found"}


def fill(schema: dict, root: dict | None = None, text: str = "text"):
    """A value that a simple JSON Schema allows."""
    root = root or schema
    if "$ref" in schema:
        return fill(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, text)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: fill(one, root, text) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [fill(schema["items"], root, text)] * max(1, schema.get("minItems", 1))
    return {"string": text, "integer": 1, "number": 1.5, "boolean": True}.get(kind)


def prompt_of(body: dict) -> str:
    """The first user message."""
    return next((one["content"] for one in body["messages"] if one["role"] == "user"), "")


def usual(body: dict) -> str:
    """The default answer."""
    format = body.get("response_format") or {}
    if format.get("type") == "json_schema":
        return json.dumps(fill(format["json_schema"]["schema"], text=f"reply to: {prompt_of(body)}"))
    for message in body["messages"]:
        if message["role"] == "system" and "JSON Schema:\n" in message["content"]:
            schema = json.loads(message["content"].split("JSON Schema:\n", 1)[1])
            return json.dumps(fill(schema, text=f"reply to: {prompt_of(body)}"))
    return f"reply to: {prompt_of(body)}"


class Endpoint:
    """The server; attributes may be changed while it runs.

    faults: the share of requests that meet one of `kinds`, chosen by seed, prompt and how often it was asked. down: connections
    are broken at once. per_second: more than that gets 429. formats: kinds of response_format that it takes. key: the
    only key that it takes; every error echoes what it was given.
    """

    def __init__(
        self,
        *,
        delay: float = 0.0,
        faults: float = 0.0,
        kinds: tuple[str, ...] = KINDS,
        seed: int = 0,
        answer: Callable[[dict], str] = usual,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ):
        self.delay, self.faults, self.kinds, self.seed, self.answer, self.key = delay, faults, kinds, seed, answer, key
        self.headers = headers or {}
        self.slow, self.retry_after = 0.5, "0.05"
        self.down, self.per_second = False, None
        self.formats = ("json_schema", "json_object", "text")
        self.script: dict[str, list[str]] = {}
        self.asked, self.answered, self.met = Counter(), Counter(), Counter()
        self.bodies: list[dict] | None = None
        self.times: list[float] = []
        self.connections: set[Connection] = set()
        self.most = 0

    def __enter__(self):
        started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    async def _serve(self, started, announce=None) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self.connected, "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        if announce:
            announce()
        await self._end.wait()
        server.close()
        for connection in list(self.connections):
            connection.transport.abort()

    def connected(self) -> Connection:
        """A new connection; a subclass may have its own kind."""
        return Connection(self)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def in_flight(self) -> int:
        """Connections whose last request may not have reached its sender's journal: all that are open."""
        return len(self.connections)

    def fate(self, prompt: str, body: dict, authorization: str) -> str:
        """What this request meets."""
        if self.key is not None and authorization != f"Bearer {self.key}":
            return "401"
        if self.per_second:
            now = time.monotonic()
            self.times = [one for one in self.times if one > now - 1]
            if len(self.times) >= self.per_second:
                return "429"
            self.times.append(now)
        format = (body.get("response_format") or {}).get("type", "text")
        if format not in self.formats:
            return "400 format"
        if script := self.script.get(prompt):
            return script.pop(0)
        if self.faults:
            chance = random.Random(f"{self.seed} {prompt} {self.asked[prompt]}")
            if chance.random() < self.faults:
                return chance.choice(self.kinds)
        return "ok"


class Connection(asyncio.Protocol):
    """One connection: requests one after another, read by hand so that the server is not what is measured."""

    def __init__(self, server: Endpoint):
        self.server, self.buffer = server, b""

    def connection_made(self, transport) -> None:
        self.transport = transport
        if self.server.down:
            transport.abort()
            return
        self.server.connections.add(self)

    def connection_lost(self, _error) -> None:
        self.server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        size = int(headers.get("content-length", 0))
        if len(rest) < size:
            return
        self.buffer = rest[size:]
        if self.server.down:
            self.transport.abort()
            return
        self.meet(lines[0], headers, rest[:size])

    def meet(self, line: str, headers: dict, content: bytes) -> None:
        """Decide, and answer when it is time."""
        server, body = self.server, orjson.loads(content)
        prompt, self.given = prompt_of(body), headers.get("authorization", "")
        fate = "404" if " /v1/chat/completions " not in line else server.fate(prompt, body, self.given)
        server.asked[prompt] += 1
        server.met[fate] += 1
        server.most = max(server.most, len(server.connections))
        if server.bodies is not None:
            server.bodies.append(body)
        delay = server.delay + (server.slow if fate == "slow" else 0.0)
        if fate == "hang":
            return
        act = lambda: self.act("ok" if fate == "slow" else fate, body, prompt)  # noqa: E731
        server._loop.call_later(delay, act) if delay else act()

    def act(self, fate: str, body: dict, prompt: str) -> None:
        server = self.server
        if self.transport.is_closing():
            return
        if fate == "ok":
            server.answered[prompt] += 1
            self.reply(body, server.answer(body))
        elif fate == "closed":
            self.transport.abort()
        elif fate == "cut response":
            self.send(200, orjson.dumps({"choices": [{"message": {"content": "half of"}}]}), cut=True)
        elif fate in ("empty", "cut json", "wrong schema", "refusal", "refusal field", "content filter", "length"):
            self.misspoken(fate, body)
        else:
            self.error(fate, body)

    def misspoken(self, fate: str, body: dict) -> None:
        text = self.server.answer(body)
        words = {
            "empty": "",
            "cut json": text[: len(text) // 2],
            "wrong schema": '{"nothing": "of the kind"}',
            "refusal": "I'm sorry, but I can't help with that.",
            "length": text[: len(text) // 2],
        }.get(fate, "")
        finish = {"content filter": "content_filter", "length": "length"}.get(fate, "stop")
        self.reply(body, words, finish, "I will not." if fate == "refusal field" else None)

    def reply(self, body: dict, text: str, finish: str = "stop", refusal: str | None = None) -> None:
        message = {"role": "assistant", "content": text, "refusal": refusal}
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        self.send(
            200,
            orjson.dumps(
                {
                    "id": "chatcmpl-1",
                    "object": "chat.completion",
                    "created": 1,
                    "model": body["model"],
                    "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
                    "usage": usage,
                }
            ),
        )

    def error(self, fate: str, body: dict) -> None:
        status = int(fate.split()[0]) if fate[0].isdigit() else 500
        message = {
            "400 context": "This model's maximum context length is 8192 tokens.",
            "400 filter": "The response was filtered due to the content management policy.",
            "400 parameter": "Unsupported value: 'temperature'.",
            "400 format": "response_format of this type is not supported",
            "402": "Payment required.",
            "404 model": f"The model `{body['model']}` does not exist.",
            "404": "Not Found",
            "429": "Rate limit reached.",
        }.get(fate, "Something broke.")
        extra = {}
        if fate == "429 after":
            extra["Retry-After"] = self.server.retry_after
        if fate == "429 date":
            extra["Retry-After"] = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        content = {"error": {"message": f"{message} You sent {self.given}.", "type": "error", "code": None}}
        self.send(status, orjson.dumps(content), extra)

    def send(self, status: int, content: bytes, extra: dict | None = None, cut: bool = False) -> None:
        headers = {**self.server.headers, **(extra or {}), "Content-Type": "application/json"}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status} {_REASONS.get(status, 'No')}\r\nContent-Length: {len(content)}\r\n{lines}\r\n"
        self.transport.write(head.encode("latin-1") + (content[: len(content) // 2] if cut else content))
        if cut:
            self.transport.close()


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.05)
    parser.add_argument("--faults", type=float, default=0.0)
    asked = parser.parse_args()
    server = Endpoint(delay=asked.delay, faults=asked.faults)
    asyncio.run(server._serve(threading.Event(), lambda: print(server.url, flush=True)))


if __name__ == "__main__":
    main()
