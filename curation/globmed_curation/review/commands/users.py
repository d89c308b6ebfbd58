"""`globmed review users`: accounts for those who review."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import click

from .argilla_options import WORKSPACE, server_options

_PATH = click.Path(path_type=Path)
_REVIEW = click.option(
    "--review", "folder", type=_PATH, default="review", show_default=True, metavar="REVIEW", help="The review folder."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
_PUBLIC = click.option(
    "--public-url", metavar="URL", help="Where reviewers reach the server, for the invitations [the address used here]."
)
_DRY = click.option("--dry-run", is_flag=True, help="Only say what would be done.")


@click.group()
def users():
    """Make accounts on a review server, under pseudonyms.

    \b
    globmed review users add people.csv --server review-server
    globmed review users list
    globmed review users reset-password "Amina Diallo"
    globmed review users remove R02
    """


@users.command()
@click.argument("table", metavar="PEOPLE", type=_PATH)
@_REVIEW
@server_options
@WORKSPACE
@_PUBLIC
@_DRY
@_JSON
def add(table, folder, home, url, workspace, public_url, dry_run, as_json):
    """Make an account for everybody in PEOPLE, a table (CSV or XLSX) with the titles name, email, languages, role.

    Languages are codes or names with semicolons between (sw;zu); a role is annotator, where nothing stands, or senior, who sees
    only what is to be adjudicated. On the server a person is a pseudonym, R01, and sees the workspaces of her or his
    languages. Passwords are generated; they stand in REVIEW/private/invitations.csv and, with how to begin, in a text for each
    person beside it. Running it again adds nobody twice.

    \b
    Examples:
      globmed review users add people.csv --dry-run
      globmed review users add people.csv --server review-server --public-url https://review.example.org
      globmed review users add people.csv --review trial --json
    """
    from .. import users as read
    from ..argilla_client import connect
    from ..argilla_users import add as make

    people = read.read(table)
    client = connect(home, url)
    address = (public_url or client.api_url).rstrip("/")
    found = make(client, folder, people, base=workspace, url=address, dry=dry_run)
    if not public_url and _local(address) and any(row["state"] == "added" for row in found.rows):
        found.notes.append(f"the invitations name {address}, which only this machine reaches: see --public-url")
    if as_json:
        told = {"server": client.api_url, "dry_run": dry_run, "people": found.rows, "notes": found.notes}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    from globmed_tools.console import console
    from globmed_tools.console import table as made

    out, rows = console(), made("pseudonym", "user", "role", "languages", "state", "sees from now on")
    for row in found.rows:
        shown = (row["pseudonym"], row["username"], row["role"], " ".join(row["languages"]), row["state"])
        rows.add_row(*shown, ", ".join(row["workspaces"]) or "-")
    out.print(rows)
    for note in found.notes:
        out.print(f"note: {note}", highlight=False, markup=False, soft_wrap=True)
    if dry_run:
        click.echo("Dry run: nothing was written.")
    elif any(row["invitation"] for row in found.rows):
        click.echo(f"Passwords and invitations are in {folder / 'private'}: send them, then remove them.")


@users.command("list")
@_REVIEW
@server_options
@WORKSPACE
@click.option("--names", is_flag=True, help="Show names too; without it, only pseudonyms.")
@_JSON
def list_users(folder, home, url, workspace, names, as_json):
    """List the accounts of a review: what each may see, and how much it has answered.

    \b
    Examples:
      globmed review users list
      globmed review users list --review trial --names
      globmed review users list --url https://review.example.org --json
    """
    from .. import people
    from ..argilla_client import connect
    from ..argilla_users import listed

    client = connect(home, url)
    found, known = listed(client, folder, base=workspace), people.read(folder) if names else {}
    if names:
        found = [{**row, "name": known.get(row["pseudonym"])} for row in found]
    if as_json:
        click.echo(json.dumps({"server": client.api_url, "people": found}, ensure_ascii=False))
        return
    from globmed_tools.console import console, table

    more = ("name",) if names else ()
    rows = table("pseudonym", *more, "user", "role", "languages", "state", "submitted", "draft", "discarded")
    for row in found:
        shown = [row["pseudonym"], *([row["name"] or "-"] if names else []), row["username"], row["role"]]
        counts = (f"{count:,}" for count in row["answers"].values())
        rows.add_row(*shown, " ".join(row["languages"]) or "-", row["state"], *counts)
    console().print(rows)


@users.command("reset-password")
@click.argument("name", metavar="NAME")
@_REVIEW
@server_options
@WORKSPACE
@_PUBLIC
@_JSON
def reset_password(name, folder, home, url, workspace, public_url, as_json):
    """Give somebody (by name or pseudonym) a new password, in a new invitation.

    \b
    Examples:
      globmed review users reset-password R01
      globmed review users reset-password "Amina Diallo" --public-url https://review.example.org
    """
    from ..argilla_client import connect
    from ..argilla_users import reset_password as reset

    client = connect(home, url)
    address = (public_url or client.api_url).rstrip("/")
    told = reset(client, folder, name, base=workspace, url=address)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(f"{told['pseudonym']} has a new password: {told['invitation']}")


@users.command()
@click.argument("name", metavar="NAME")
@_REVIEW
@server_options
@WORKSPACE
@_DRY
@_JSON
def remove(name, folder, home, url, workspace, dry_run, as_json):
    """Take all access from somebody (by name or pseudonym).

    An account that has answered something stays on the server, shut, for its answers would be deleted with it; one that has
    not is deleted. The pseudonym stays this person's. users add brings a removed person back, with a new password.

    \b
    Examples:
      globmed review users remove R02 --dry-run
      globmed review users remove "Baraka Otieno"
    """
    from ..argilla_client import connect
    from ..argilla_users import remove as take

    told = take(connect(home, url), folder, name, base=workspace, dry=dry_run)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **told}, ensure_ascii=False))
        return
    kept = "the account is deleted" if told["deleted"] else f"the account stays, with {told['answers']:,} answers"
    click.echo(f"{told['pseudonym']}: no longer sees {', '.join(told['workspaces']) or 'anything'}; {kept}.")
    if dry_run:
        click.echo("Dry run: nothing was done.")


def _local(address: str) -> bool:
    from ..server.process import LOOPBACK

    return urlsplit(address).hostname in LOOPBACK
