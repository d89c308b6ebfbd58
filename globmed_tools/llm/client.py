"""One request over AsyncOpenAI: an answer, or a Fault that says why there is none.

    async with Endpoint(config) as endpoint:
        answer = await endpoint.post({"model": "gpt-4.1", "messages": [...]})
        answer.text, answer.finish, answer.usage

The library's own retries are off: ours know the journal, the limits and the breaker. The body of the response is read as plain
JSON, not as the library's classes: cheaper, and servers that leave a field out are borne.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ..errors import GlobmedError
from . import causes
from .calls import Usage
from .config import Config

#: Set by the response hook: the headers have come, so a later timeout is no hang.
_stage: contextvars.ContextVar[list] = contextvars.ContextVar("stage")
DETAIL = 300
POOL = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said. finish: stop, length, content_filter, ...; refusal: the field of that name."""

    text: str
    finish: str
    refusal: str
    usage: Usage
    seconds: float
    headers: Mapping[str, str]


class Fault(Exception):
    """A request without an answer. format: the endpoint does not take this response_format; away: a proxy says it is down."""

    def __init__(self, cause: str, detail: str, headers: Mapping[str, str] | None = None, *, format=False, away=False):
        super().__init__(cause, detail)
        self.cause, self.detail, self.headers = cause, " ".join(detail.split())[:DETAIL], headers or {}
        self.format, self.away = format, away


class Endpoint:
    """The connections to one address.

    httpx looks at every connection of a pool for every request, so one pool of 256 costs more than all the rest of a
    request. Here many small pools share the work; a request takes a free place in one of them.
    """

    def __init__(self, config: Config):
        try:
            import httpx2
            from openai import AsyncOpenAI
        except ImportError as error:
            raise GlobmedError(f"{error.name} is not installed. Install it: pip install 'globmed[llm]'") from None

        self.config, self._raw = config, httpx2.Response
        self._timeout, self._connect = config.timeout, min(config.timeout, 15.0)
        self._timers: set[asyncio.Timeout] = set()
        self._given_up = False
        self._clients, self._free = [], []
        secure = httpx2.create_ssl_context()
        for start in range(0, config.concurrency, POOL):
            places = min(POOL, config.concurrency - start)
            http = httpx2.AsyncClient(
                verify=secure,
                limits=httpx2.Limits(max_connections=places, max_keepalive_connections=places),
                timeout=httpx2.Timeout(None, connect=self._connect),
                event_hooks={"response": [_arrived]},
                follow_redirects=True,
            )
            key = config.key.reveal() or "none"
            client = AsyncOpenAI(base_url=config.base_url, api_key=key, max_retries=0, http_client=http, timeout=None)
            self._clients.append(client)
            self._free += [client] * places

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        for client in self._clients:
            await client.close()

    async def post(self, body: dict[str, Any]) -> Answer:
        """One chat completion. Raises Fault; a cancelled request passes through."""
        import openai

        stage, client = [], self._free.pop()
        _stage.set(stage)
        hide, start = self.config.key.hide, time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout) as timer:
                self._timers.add(timer)
                response = await client.post("/chat/completions", body=body, cast_to=self._raw)
        except TimeoutError:
            raise self._late(stage) from None
        except openai.APITimeoutError:
            raise Fault("connection", f"no connection in {self._connect:g} s") from None
        except openai.APIStatusError as error:
            raise _refused(error, hide) from None
        except openai.APIConnectionError as error:
            why = hide(str(error.__cause__ or error)) or type(error.__cause__).__name__
            raise Fault("cut response" if stage else "connection", why) from None
        finally:
            self._timers.discard(timer)
            self._free.append(client)
        return answer_of(response.content, response.headers, time.perf_counter() - start, hide)

    def give_up(self) -> None:
        """End every request that is under way, as if its time were over."""
        self._given_up, now = True, asyncio.get_running_loop().time()
        for timer in list(self._timers):
            timer.reschedule(now)

    def _late(self, stage: list) -> Fault:
        if self._given_up:
            return Fault("hang", "given up when the run was stopped")
        if stage:
            return Fault("timeout", f"the response had begun and was not whole in {self._timeout:g} s")
        return Fault("hang", f"no response in {self._timeout:g} s")


async def _arrived(_response) -> None:
    if (stage := _stage.get(None)) is not None:
        stage.append(True)


def _refused(error, hide) -> Fault:
    """A Fault for a response with an error status."""
    text, code = message_of(error.response.content)
    text = hide(text)
    cause = causes.of_status(error.status_code, text, code)
    return Fault(
        cause,
        f"HTTP {error.status_code}: {text or 'no message'}",
        error.response.headers,
        format=causes.about_format(error.status_code, f"{code or ''} {text}"),
        away=error.status_code in (502, 503),
    )


def message_of(content: bytes) -> tuple[str, str | None]:
    """The words and the code in an error's body, in the forms that servers use."""
    text = content[:4000].decode("utf-8", "replace")
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return text, None
    if not isinstance(found, dict):
        return text, None
    error = found.get("error", found)
    if not isinstance(error, dict):
        return str(error), None
    message = error.get("message") or error.get("detail") or text
    code = error.get("code") or error.get("type")
    return str(message), str(code) if code is not None else None


def answer_of(content: bytes, headers: Mapping[str, str], seconds: float, hide) -> Answer:
    """The answer in the body of a response. Raises Fault where there is none."""
    try:
        found = orjson.loads(content)
        choice = found["choices"][0]
        message = choice["message"]
        text = message.get("content") or ""
        if not isinstance(text, str):  # a list of parts
            text = "".join(part.get("text", "") for part in text)
        usage = found.get("usage") or {}
        details = usage.get("prompt_tokens_details") or {}
        counted = Usage(
            usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0, details.get("cached_tokens") or 0
        )
        return Answer(
            hide(text), choice.get("finish_reason") or "", hide(message.get("refusal") or ""), counted, seconds, headers
        )
    except orjson.JSONDecodeError as error:
        raise Fault("cut response", f"{len(content)} bytes that are no whole JSON ({error})") from None
    except (KeyError, IndexError, TypeError, AttributeError):
        start = hide(content[:200].decode("utf-8", "replace"))
        raise Fault("server error", f"a response without choices: {start}") from None
