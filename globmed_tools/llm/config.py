"""What an engine is told.

Config(base_url="https://api.example.org/v1", key=read_key(variable="EXAMPLE_API_KEY"), journal=Path("calls.sqlite"),
       concurrency=64, requests_per_minute=3000, tokens_per_minute=1_000_000, max_cost=25.0)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import GlobmedError
from .keys import NO_KEY, Key
from .prices import Prices


@dataclass(frozen=True, slots=True)
class Config:
    """One endpoint and how hard to press it.

    timeout: seconds for one request. attempts: requests for one call that fail for the endpoint's fault; 429 does not count,
    it is borne for `patience` seconds, and so is an endpoint that is down. grace: seconds that requests under way get to
    end when the run is stopped. retry_failed: ask again what the journal holds as failed. max_cost: US$ of this run.
    """

    base_url: str
    journal: Path | None = None
    key: Key = NO_KEY
    concurrency: int = 32
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    timeout: float = 300.0
    attempts: int = 5
    backoff: float = 0.5
    backoff_most: float = 30.0
    patience: float = 600.0
    grace: float = 20.0
    breaker_after: int = 20
    breaker_seconds: float = 5.0
    repair: bool = True
    retry_failed: bool = False
    keep_requests: bool = True
    max_cost: float | None = None
    prices: Prices = field(default_factory=Prices.shipped, repr=False)

    def __post_init__(self):
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise GlobmedError(
                f"base_url {self.key.hide(self.base_url)!r}: not an address. Example: http://localhost:8000/v1"
            )
        if parts.username or parts.password:
            raise GlobmedError("base_url: an address with a password in it. Take it out and name a key.")
        for name in ("concurrency", "attempts", "breaker_after", "timeout"):
            if getattr(self, name) <= 0:
                raise GlobmedError(f"{name} is {getattr(self, name)}; it must be more than 0.")
        for name in ("requests_per_minute", "tokens_per_minute", "max_cost"):
            if getattr(self, name) is not None and getattr(self, name) <= 0:
                raise GlobmedError(f"{name} is {getattr(self, name)}; it must be more than 0, or left out.")
