"""Compiling: what numba makes of a kernel is kept on disk, so that only the first use ever waits for it.

    @compiled("int64(uint8[::1], int64)")
    def count(data, start): ...

Kernels have explicit signatures, run without the interpreter's lock, and are compiled when their module is imported: before a
first use in a fresh installation that takes about ten seconds, afterwards they are read from the folder
__pycache__ beside the module, or, where that cannot be written, from numba's folder under the user's cache. Where nothing can
be written at all they are compiled in every process, and a warning says so; $NUMBA_CACHE_DIR names another folder.

A kernel calls no function of another module: the compiled code is kept for as long as its own file stays the same.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache

import numba


def compiled(signature: str) -> Callable:
    """A decorator: the function as machine code for these types, in numba's notation; `text` is bytes that may be read only,
    as those of Arrow are."""
    told = signature.replace("text", "Array(uint8, 1, 'C', True)")

    def decorate(function: Callable):
        try:
            return numba.njit(told, cache=True, nogil=True, error_model="numpy")(function)
        except RuntimeError as error:
            if "cannot cache" not in str(error):
                raise
            _warn()
            return numba.njit(told, nogil=True, error_model="numpy")(function)

    return decorate


@cache
def _warn() -> None:
    warnings.warn(
        "no folder can be written for compiled code, so each process compiles it anew; name one in NUMBA_CACHE_DIR",
        stacklevel=4,
    )


#: For functions that are part of kernels of the same module. What takes an array costs more to call than to run, so these take
#: numbers where they are called for every letter.
inlined = numba.njit(error_model="numpy", nogil=True)
