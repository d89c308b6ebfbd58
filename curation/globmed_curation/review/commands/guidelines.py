"""`globmed review guidelines`: what reviewers of a language read."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command()
@click.argument("language", metavar="LANG")
@click.option(
    "--guidelines",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A team's own Markdown.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: language, version, characters, text.")
def guidelines(language: str, folder: Path | None, as_json: bool):
    """Print the guidelines that reviewers of LANG are shown, in Markdown.

    They are a common part, what is asked (from questions.toml) and a part on the language. All of it was written by a machine
    and reviewed by nobody. In DIR, common.md and LANG.md take the place of ours; {{ language }}, {{ native }} and
    {{ questions }} in them are filled in. Argilla takes 10,000 characters.

    \b
    Examples:
      globmed review guidelines sw
      globmed review guidelines sw --guidelines ours > sw.md
      globmed review guidelines ar --json
    """
    from globmed_tools import languages

    from .. import guidelines as made

    code = languages.get(language).code
    text = made.text(code, folder)
    if as_json:
        told = {"language": code, "version": made.version(text), "characters": len(text), "text": text}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(text, nl=False)
