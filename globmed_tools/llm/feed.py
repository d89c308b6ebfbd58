"""Calls in, outcomes out: what `Engine.run` iterates over.

A taker reads calls in chunks and looks them up in the journal, all at once; what is not there goes to workers. There are twice as
many workers as places, because a call that waits before its next attempt has left its place to another. The queues are short:
a slow consumer slows the workers, and the source is read no faster than it is used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from itertools import islice

from .calls import Call, Failure, key

CHUNK = 256
_END = object()


class Feed:
    """One run."""

    def __init__(self, engine, calls: Iterable[Call]):
        self.engine, self.calls = engine, iter(calls)
        places = engine.config.concurrency
        self.todo: asyncio.Queue = asyncio.Queue(2 * places)
        self.out: asyncio.Queue = asyncio.Queue(4 * places)
        self.tasks = [asyncio.create_task(self._take())]
        self.tasks += [asyncio.create_task(self._work()) for _ in range(2 * places)]
        self.watch = asyncio.create_task(self._watch())
        self.interruptible = engine.interruptible()
        self.interruptible.__enter__()

    async def _take(self) -> None:
        """Calls into the queue, what the journal knows straight to the outcomes."""
        engine = self.engine
        while not engine.tally.stopped:
            some = [(call, key(call)) for call in islice(self.calls, CHUNK)]
            if not some:
                break
            found = await engine.writer.get([name for _, name in some])
            for call, name in some:
                outcome = engine.known(call, name, found.get(name))
                if outcome is None:
                    await self.todo.put((call, name))
                else:
                    engine.tally.add(outcome)
                    await self.out.put(outcome)
        for _ in range(len(self.tasks) - 1):
            await self.todo.put(None)

    async def _work(self) -> None:
        engine = self.engine
        while (item := await self.todo.get()) is not None:
            call, name = item
            if engine.tally.stopped:
                outcome = Failure(call.id, name, "not asked", engine.tally.stopped)
                engine.tally.add(outcome)
            else:
                outcome = await engine.settle(call, name)
            await self.out.put(outcome)

    async def _watch(self) -> None:
        """The end of all tasks, or the first error of one, ends the outcomes."""
        try:
            await asyncio.gather(*self.tasks)
            await self.out.put(_END)
        except BaseException as error:
            for task in self.tasks:
                task.cancel()
            while self.out.full():
                self.out.get_nowait()
            self.out.put_nowait(error)

    def __aiter__(self):
        return self

    async def __anext__(self):
        item = await self.out.get()
        if item is _END:
            raise StopAsyncIteration
        if isinstance(item, BaseException):
            raise item
        return item

    async def close(self) -> None:
        """Ends whatever still runs; the consumer may have left early."""
        self.interruptible.__exit__(None, None, None)
        for task in (self.watch, *self.tasks):
            task.cancel()
        await asyncio.gather(self.watch, *self.tasks, return_exceptions=True)
