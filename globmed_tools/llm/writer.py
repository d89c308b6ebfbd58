"""The journal's writer: outcomes that end at about the same time go into one transaction, in a thread of its own.

    await writer.put(row, request)      comes back when the row is in the file

While one transaction is being written the next outcomes gather, so that a thousand calls a second need no thousand
transactions, and the event loop never waits for the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from .journal import Journal, Row, packed


class Writer:
    """Owns the journal (None: nothing is kept). stop is called with the reason when the journal fails."""

    def __init__(self, journal: Journal | None, stop: Callable[[str], None]):
        self.journal, self._stop = journal, stop
        self._thread = ThreadPoolExecutor(1, "journal") if journal else None
        self._rows: list[tuple[Row, dict | None]] = []
        self._done: asyncio.Future | None = None
        self._busy = False
        self._error: BaseException | None = None

    async def get(self, keys: list[str]) -> dict[str, Row]:
        """The rows that are there."""
        if self.journal is None:
            return {}
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.journal.get, keys)

    async def put(self, row: Row, request: dict | None) -> None:
        """Raises the GlobmedError of the journal where the disk refuses, for every row from then on."""
        if self.journal is None:
            return
        if self._error:
            raise self._error
        if self._done is None:
            self._done = asyncio.get_running_loop().create_future()
        self._rows.append((row, request))
        done = self._done
        if not self._busy:
            self._flush()
        await asyncio.shield(done)

    def _flush(self) -> None:
        rows, done = self._rows, self._done
        self._rows, self._done, self._busy = [], None, True
        written = asyncio.get_running_loop().run_in_executor(self._thread, self._write, rows)
        written.add_done_callback(lambda result: self._written(result, done))

    def _write(self, rows: list) -> None:
        self.journal.put(row if request is None else replace(row, request=packed(request)) for row, request in rows)

    def _written(self, result: asyncio.Future, done: asyncio.Future) -> None:
        self._busy = False
        error = result.exception()
        if error is None:
            done.set_result(None)
        else:
            self._error = self._error or error
            done.set_exception(error)
            done.exception()  # whoever waited may be gone
            self._stop(str(error))
        if self._rows:
            self._flush()

    async def close(self) -> None:
        """Everything that was put is in the file."""
        while self._busy:
            await asyncio.sleep(0.005)
        if self._thread:
            self._thread.shutdown()
            self.journal.close()
