"""To the hub, behind a dry run: what would be uploaded is said first, and nothing is without `yes`.

    for upload in plan(Path("export"), "OWNER/GlobMed_{set}"): ...      # one repository a set
    plan(Path("export"), "OWNER/GlobMed")                              # one repository for the whole layout

Only a finished export is read (its manifest), and only files that stand in that manifest, unchanged, go up. Sets under a
data use agreement never do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import regex

from globmed_tools import manifest
from globmed_tools.errors import GlobmedError

from .place import FORMAT

_REPO = regex.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")


@dataclass(frozen=True, slots=True)
class Upload:
    """One repository and what goes into it. files: (path in the repository, bytes)."""

    repo: str
    folder: Path
    sets: tuple[str, ...]
    files: tuple[tuple[str, int], ...]
    private: bool

    @property
    def bytes(self) -> int:
        return sum(size for _, size in self.files)

    def to_dict(self) -> dict[str, Any]:
        return {
            "repo": self.repo,
            "private": self.private,
            "sets": list(self.sets),
            "bytes": self.bytes,
            "files": [dict(path=path, bytes=size) for path, size in self.files],
        }


def plan(out: Path, repo: str, *, layout: str | None = None, public: bool = False) -> list[Upload]:
    """What would go where. GlobmedError for an unfinished or changed export, a bad name, and sets that may not leave."""
    facts = read(out)
    layout = layout or facts["layouts"][0]
    if layout not in facts["layouts"]:
        raise GlobmedError(f"{out}: holds no layout {layout}; it has {' '.join(facts['layouts'])}. Export it first.")
    if facts["never_pushed"]:
        raise GlobmedError(
            f"{', '.join(facts['never_pushed'])}: under a data use agreement, never uploaded. Export the others with --set."
        )
    _unchanged(out, [one for one in facts["files"] if one["path"].startswith(f"{layout}/")])
    names = facts["sets"]
    if "{set}" in repo:
        parts = [(repo.replace("{set}", name), f"{layout}/{name}/", (name,)) for name in names]
    elif len(names) == 1:
        parts = [(repo, f"{layout}/{names[0]}/", tuple(names))]
    else:
        parts = [(repo, f"{layout}/", tuple(names))]
    uploads = []
    for name, prefix, sets in parts:
        if not _REPO.fullmatch(name):
            raise GlobmedError(
                f"{name!r}: no name of a repository. Write OWNER/NAME, or OWNER/NAME_{{set}} for one a set."
            )
        files = tuple(
            (one["path"].removeprefix(prefix), one["bytes"]) for one in facts["files"] if one["path"].startswith(prefix)
        )
        if files:
            uploads.append(Upload(name, out / prefix, sets, files, not public))
    return uploads


def read(out: Path) -> dict[str, Any]:
    """The manifest of a finished export; GlobmedError for anything else."""
    path = out / manifest.NAME
    if not path.is_file():
        raise GlobmedError(f"{out}: no {manifest.NAME}, so no finished export. Run `globmed curate export` (again).")
    try:
        facts = orjson.loads(path.read_bytes())
    except ValueError as error:
        raise GlobmedError(f"{path}: not valid JSON ({error}). Export again.")
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise GlobmedError(f"{path}: not the manifest of an export. Name a folder that `globmed curate export` wrote.")
    return facts


def _unchanged(out: Path, files: Iterable[dict[str, Any]]) -> None:
    for one in files:
        path = out / one["path"]
        if not path.is_file() or path.stat().st_size != one["bytes"] or manifest.checksum(path) != one["xxh3"]:
            raise GlobmedError(
                f"{path}: gone or changed since the export. Export again, so that the card tells the truth."
            )


def push(uploads: Iterable[Upload]) -> list[str]:
    """Upload; returns the repositories' addresses. GlobmedError in one line for whatever the hub or the network says."""
    try:
        from huggingface_hub import HfApi
    except ImportError:
        raise GlobmedError("huggingface_hub is not installed. Run: pip install huggingface_hub") from None

    client, done = HfApi(), []
    for one in uploads:
        try:
            url = client.create_repo(one.repo, repo_type="dataset", private=one.private, exist_ok=True)
            _still_private(client, one)
            client.upload_folder(
                repo_id=one.repo,
                repo_type="dataset",
                folder_path=str(one.folder),
                allow_patterns=[path for path, _ in one.files],
                commit_message="Export by globmed curate export",
            )
        except GlobmedError:
            raise
        except Exception as error:
            after = f" Already uploaded: {', '.join(done)}." if done else ""
            raise GlobmedError(
                f"{one.repo}: the upload failed ({type(error).__name__}: {str(error)[:200]}).{after} "
                "Check the network, HF_HUB_OFFLINE, HF_TOKEN and your rights to the repository."
            ) from error
        done.append(str(url))
    return done


def _still_private(client, one: Upload) -> None:
    """A repository that was there before keeps its own visibility: never fill a public one unasked."""
    if one.private and not client.repo_info(one.repo, repo_type="dataset").private:
        raise GlobmedError(f"{one.repo}: exists and is public, nothing was uploaded. Say --public if that is meant.")
