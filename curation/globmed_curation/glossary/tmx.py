"""TMX: translation memories and terminologies, read as a stream.

    <tu tuid="T1"><tuv xml:lang="en"><seg>fever</seg></tuv><tuv xml:lang="sw"><seg>homa</seg></tuv></tu>

A file may be packed (.tmx.gz, or .tmx.zip with one file in it). Only one unit is in memory at a time. A DOCTYPE is passed over
and nothing is ever fetched for it; entities that a file declares itself are refused, since a few lines of them can fill any
memory and read any file. Of the inline elements, formatting codes are left out and highlighted text (hi) stays.
"""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers import expat

from globmed_tools.errors import GlobmedError

from .units import LeftOut, Unit, language_of, unknown

_BLOCK = 1 << 16
#: Elements whose text is code of the original format.
_CODES = {"bpt", "ept", "it", "ph", "ut"}


def read(path: Path, options) -> Iterator[Unit | LeftOut]:
    """The units of a TMX file, in order; GlobmedError where it is no XML, no TMX, or declares entities."""
    with _opened(path) as stream:
        state = _State(path, options)
        try:
            while block := stream.read(_BLOCK):
                state.parser.Parse(block, False)
                yield from state.ready()
            state.parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise GlobmedError(
                f"{path}, line {error.lineno}: not valid XML ({expat.ErrorString(error.code)}). Mend the file."
            ) from None
        except (EOFError, OSError, zipfile.BadZipFile) as error:
            raise GlobmedError(f"{path}: cannot be unpacked ({error}). Fetch the file again.") from None
        yield from state.ready()


@contextmanager
def _opened(path: Path):
    try:
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as packed:
                names = [name for name in packed.namelist() if name.lower().endswith(".tmx")]
                if len(names) != 1:
                    raise GlobmedError(f"{path}: {len(names)} TMX files are in it; one was expected. Unpack it.")
                with packed.open(names[0]) as stream:
                    yield stream
        else:
            with (gzip.open if path.suffix.lower() == ".gz" else open)(path, "rb") as stream:
                yield stream
    except OSError as error:
        raise GlobmedError(f"{path}: cannot be read ({error.strerror or error}). Check the path.") from None
    except zipfile.BadZipFile as error:
        raise GlobmedError(f"{path}: cannot be unpacked ({error}). Fetch the file again.") from None


class _State:
    """What the parser has seen: the units that are whole, and the one that it is in."""

    def __init__(self, path: Path, options):
        self.path, self.options = path, options
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self.start, self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.EntityDeclHandler = self.refuse
        self.parser.buffer_text = True
        self.source = ""
        self.found: list[Unit | LeftOut] = []
        self.terms: list[tuple[str, str]] = []
        self.segment: list[str] | None = None
        self.first, self.depth, self.codes = 0, 0, 0
        self.concept = self.language = ""

    def ready(self) -> list[Unit | LeftOut]:
        found, self.found = self.found, []
        return found

    def refuse(self, name, *rest):
        line = self.parser.CurrentLineNumber
        raise GlobmedError(f"{self.path}, line {line}: declares the entity {name!r}, which is not read. Remove it.")

    def start(self, name: str, given: dict[str, str]) -> None:
        if self.depth == 0 and name != "tmx":
            raise GlobmedError(f"{self.path}: the root is <{name}>; <tmx> was expected. Name a TMX file.")
        self.depth += 1
        if name == "header":
            self.source = language_of(given.get("srclang", ""), self.options.languages) or ""
        elif name == "tu":
            self.terms, self.first, self.concept = [], self.parser.CurrentLineNumber, given.get("tuid", "")
        elif name == "tuv":
            self.language = given.get("xml:lang") or given.get("lang") or ""
        elif name == "seg":
            self.segment = []
        elif name in _CODES:
            self.codes += 1

    def text(self, data: str) -> None:
        if self.segment is not None and not self.codes:
            self.segment.append(data)

    def end(self, name: str) -> None:
        self.depth -= 1
        if name in _CODES:
            self.codes -= 1
        elif name == "seg":
            if text := "".join(self.segment or ()).strip():
                self.terms.append((self.language, text))
            self.segment = None
        elif name == "tu":
            self._whole()

    def _whole(self) -> None:
        """The unit that ends here, or why it gives nothing. Its tuid is the id of a unit and not of a concept."""
        known = [(language_of(name, self.options.languages), text) for name, text in self.terms]
        strange = [name for (name, _), (code, _) in zip(self.terms, known) if code is None]
        terms = tuple((code, text) for code, text in known if code)
        if len({code for code, _ in terms}) > 1:
            source = self.source if any(code == self.source for code, _ in terms) else ""
            self.found.append(Unit(self.first, terms, "", source))
        else:
            self.found.append(LeftOut(self.first, unknown(strange[0]) if strange else "no translation"))
