"""globmed recipes tiny: the base model of the recipes globmed-tiny and globmed-tiny-lora."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ...errors import GlobmedError


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--overwrite", is_flag=True, help="Write into a folder that is not empty.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def tiny(folder: Path, overwrite: bool, as_json: bool):
    """Make the base model of the globmed-tiny recipes in FOLDER: Qwen3's architecture, random weights, a fixed seed.

    About a million parameters, a tokenizer trained on the bundled sample; it learns the sample in a minute on a CPU.

    \b
    Examples:
      globmed recipes tiny tiny-base
      axolotl train "$(globmed recipes path globmed-tiny)" --launcher python
    """
    if folder.exists() and any(folder.iterdir()) and not overwrite:
        raise GlobmedError(f"{folder}: not empty. Name another folder, or add --overwrite.")
    from .. import tiny as made

    found = made.base(folder)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        click.echo(
            f"{folder}: {found['architecture']}, {found['parameters']:,} parameters, {found['vocabulary']:,} tokens"
        )
