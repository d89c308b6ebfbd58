"""One call on its way: requests, waits, a lowered form of structured output, one repair.

attempt = Attempt(engine, call)
await attempt.take_place()
text, parsed = await attempt.answer()       or a Fault whose cause is final for this run
attempt.usage, attempt.cost, attempt.requests, attempt.said
"""

from __future__ import annotations

import time
from typing import Any

from ..errors import GlobmedError
from . import causes, schema, tokens
from .calls import Call, Usage
from .client import Answer, Fault
from .limits import backoff

#: Failures that say that the endpoint is in trouble, and not the call.
DOWN = ("server error", "timeout", "hang", "connection", "cut response")


class Attempt:
    """The state of one call. said: the last words of the model; first: the first request's body, for the journal."""

    def __init__(self, engine, call: Call):
        self.engine, self.call, self.config = engine, call, engine.config
        self.usage, self.cost, self.requests, self.seconds = Usage(), 0.0, 0, 0.0
        self.said, self.first = "", None
        self._place, self._since, self._failures = False, time.monotonic(), 0
        self._asked_to_wait: float | None = None
        known = self.config.prices.of(call.model)
        if self.config.max_cost is not None and known is None:
            raise GlobmedError(
                f"{call.model}: its price is unknown, so max_cost cannot be kept. Give its price, or no max_cost."
            )

    async def take_place(self) -> None:
        if not self._place:
            await self.engine.limits.places.acquire()
            self._place = True

    def leave_place(self) -> None:
        if self._place:
            self._place = False
            self.engine.limits.places.release()

    async def answer(self) -> tuple[str, Any]:
        """The text and, for a schema, the object. Raises Fault."""
        call = self.call
        if call.schema is None:
            found = await self._send(self._body(call.messages, None))
            self._complete(found, "cut text")
            if causes.reads_as_refusal(found.text):
                raise Fault("refusal", found.text)
            return found.text, None
        wrong, said = None, ""
        while True:
            found = await self._formed(wrong, said)
            self._complete(found, "cut JSON")
            try:
                return found.text, schema.read(found.text, call.schema)
            except schema.Wrong as error:
                if causes.reads_as_refusal(found.text):
                    raise Fault("refusal", found.text) from None
                if wrong is not None or not self.config.repair:
                    raise Fault(error.cause, error.detail) from None
                wrong, said = error, found.text
                self.engine.tally.repaired += 1

    async def _formed(self, wrong: schema.Wrong | None, said: str) -> Answer:
        """Asks in the best form of structured output that this model's endpoint takes."""
        forms, model = self.engine.forms, self.call.model
        while True:
            form = forms.get(model, 0)
            messages, format = schema.request(self.call.messages, self.call.schema, schema.FORMS[form])
            if wrong is not None:
                messages = schema.repair(messages, said, wrong)
            try:
                return await self._send(self._body(messages, format))
            except Fault as fault:
                if not fault.format or form + 1 >= len(schema.FORMS):
                    raise
                if forms.get(model, 0) == form:
                    forms[model] = form + 1
                    self.engine.notice(
                        f"{model}: the endpoint does not take {schema.FORMS[form]}, asking for {schema.FORMS[form + 1]}"
                    )

    def _body(self, messages, format: dict | None) -> dict[str, Any]:
        parameters = dict(self.call.parameters)
        extra = parameters.pop("extra_body", None) or {}
        body = {"model": self.call.model, "messages": [dict(one) for one in messages], **parameters, **extra}
        if format is not None:
            body["response_format"] = format
        if self.first is None:
            self.first = body
        return body

    def _complete(self, found: Answer, cut: str) -> None:
        """Raises where the model declined or was cut off."""
        if found.refusal:
            self.said = found.refusal
            raise Fault("refusal", found.refusal)
        if found.finish == "content_filter":
            raise Fault("content filter", "finish_reason content_filter")
        if found.finish == "length":
            raise Fault(cut, f"the limit of tokens was reached after {self.usage.output} tokens")

    async def _send(self, body: dict[str, Any]) -> Answer:
        """One request that is answered, with as many before it as the endpoint's faults and the limits take."""
        while True:
            await self.take_place()
            probe = await self.engine.breaker.pass_()
            try:
                await self.engine.limits.wait(self._tokens())
                self._may_go()
                found = await self._post(body)
            except Fault as fault:
                self._learn(fault, probe)
                wait = self._again(fault, probe)
            else:
                self.engine.breaker.good()
                return found
            finally:
                if probe and self.engine.breaker.is_open:
                    self.engine.breaker.dropped()
            self.leave_place()
            await self.engine.limits.sleep(wait)

    def _tokens(self) -> float:
        if self.config.tokens_per_minute is None:
            return 0.0
        return tokens.of_messages(self.call) + tokens.of_reply(self.call)

    def _may_go(self) -> None:
        """The last look before money is spent."""
        engine, most = self.engine, self.config.max_cost
        if most is not None and not engine.tally.stopped:
            one = engine.expected_cost(self.call)
            if engine.tally.cost + (engine.under_way + 1) * one > most:
                spent = f"US$ {engine.tally.cost:.4f} spent, {engine.under_way} requests under way"
                engine.stop(f"the next request may exceed max_cost {most:g} ({spent})")
        if engine.breaker.gave_up and not engine.tally.stopped:
            engine.stop(engine.breaker.gave_up)
        if engine.tally.stopped:
            raise Fault("not asked", engine.tally.stopped)
        if self.call.model in engine.dead:
            raise Fault("unknown model", engine.dead[self.call.model])

    async def _post(self, body: dict[str, Any]) -> Answer:
        engine = self.engine
        engine.under_way += 1
        engine.tally.requests += 1
        self.requests += 1
        try:
            found = await engine.endpoint.post(body)
        finally:
            engine.under_way -= 1
        self._pay(found)
        self.said = found.text
        if not found.text.strip() and not found.refusal and found.finish not in ("length", "content_filter"):
            raise Fault("empty", f"no text (finish_reason {found.finish or 'not said'})", found.headers)
        return found

    def _pay(self, found: Answer) -> None:
        tally, used = self.engine.tally, found.usage
        self.usage, self.seconds = self.usage + used, found.seconds
        tally.input += used.input
        tally.output += used.output
        cost = self.config.prices.cost(self.call.model, used) if used.input else None  # not counted is not free
        if cost is None:
            tally.unpriced += 1
            self.cost = None
        else:
            tally.cost += cost
            self.cost = None if self.cost is None else self.cost + cost
        more = used.input + used.output - self._tokens() if self.config.tokens_per_minute else 0.0
        self.engine.limits.accepted(found.headers, more)

    def _learn(self, fault: Fault, probe: bool) -> None:
        """What a fault says about the endpoint."""
        engine = self.engine
        if fault.cause in ("not asked", "unknown model") and not fault.headers:
            return
        engine.tally.faults[fault.cause] += 1
        if fault.cause == "rate limited":
            self._asked_to_wait = engine.limits.refused(fault.headers)
            engine.breaker.good()
        elif fault.cause in DOWN:
            if engine.tally.stopped:
                return
            engine.breaker.bad(f"{fault.cause}: {fault.detail}", probe)
        elif fault.cause != "empty":
            engine.breaker.good()

    def _again(self, fault: Fault, probe: bool) -> float:
        """Seconds to wait before the next request; raises the fault where there shall be none.

        A probe that finds the endpoint still away does not count against its call; one that the endpoint breaks over does:
        it may be the call that breaks it.
        """
        then = causes.CAUSES[fault.cause].then
        if fault.format or then not in ("wait", "again"):
            raise fault
        if self.engine.tally.stopped:
            raise Fault("not asked", f"{self.engine.tally.stopped}; before that {fault.cause}: {fault.detail}")
        if probe and (fault.cause == "connection" or fault.away):
            return 0.0
        self._failures += 1
        if then == "wait":
            asked = self._asked_to_wait or 0.0
            if time.monotonic() - self._since + asked > self.config.patience:
                words = f"the endpoint asks to wait {asked:.0f} s" if asked else fault.detail
                if asked > self.config.patience:  # all the others would wait as long: a day's quota is used up
                    self.engine.stop(f"{words}, longer than patience ({self.config.patience:g} s)")
                raise Fault(fault.cause, f"{words} (patience {self.config.patience:g} s)")
            return asked or backoff(self._failures, self.config.backoff, self.config.backoff_most)
        if self._failures >= self.config.attempts:
            raise Fault(fault.cause, f"{fault.detail} ({self.requests} requests)")
        return backoff(self._failures, self.config.backoff, self.config.backoff_most)
