"""How long do items take to an Argilla server, and answers back? Ours beside Argilla's own SDK, on our server and on the stock one.

The items are the project's own sample in Swahili, with a number of their own behind each question; every record has the same
fields, suggestion and metadata on both sides. Between push and pull one reviewer submits an answer to each over HTTP (not
timed). CPU seconds are those of client and server together; the ratio compares them, a record each.

    globmed     `globmed review push` and `pull`, without the start of the program: items from a review folder to records, answers
                back, checked against the server's counts, written to answers.jsonl
    SDK         rg.Record of ready-made texts, dataset.records.log(...); dataset.records.to_list()
    embedded    `globmed review serve`
    stock       the same process without what the project replaces for speed: argilla-server 2.8.0's own work per record
                (webhook events gathered though nobody listens; validators built anew). Its search engine and jobs are the
                project's all the same, for Elasticsearch and Redis are not at hand: it does less than a real one.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tables import machine_line, markdown

HERE = Path(__file__).parent
LANGUAGE, PASSWORD = "sw", "for this benchmark only"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--stock-records", type=int, default=2_000, help="for the slower sides; rates are compared")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    found: dict[str, dict] = {}
    with tempfile.TemporaryDirectory() as place:
        for server, sides in (("embedded", ("globmed", "SDK")), ("stock", ("globmed", "SDK"))):
            with serving(Path(place) / server, stock=server == "stock") as home:
                for side in sides:
                    count = options.stock_records if server == "stock" else options.records
                    name = f"{side}, {server}"
                    found[name] = measure(side, home, Path(place) / f"{server}-{side}", count)
                    print(f"{name}: {json.dumps(found[name])}", file=sys.stderr)
    show(found, options)


class serving:
    """A server in a folder, for the length of the block; yields its Home."""

    def __init__(self, folder: Path, *, stock: bool):
        self.folder, self.stock = folder, stock

    def __enter__(self):
        from globmed_curation.review.server import env, process
        from globmed_curation.review.server.home import Home

        self.home = Home(self.folder.absolute())
        self.home.create()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        lock = process.claim(self.home)
        if self.stock:
            self.process = self._stock(env, process, port, lock)
        else:
            self.process = process.start(self.home, env.find(), "127.0.0.1", port, lock, background=True)
        os.close(lock)
        process.wait_ready(self.home, self.process)
        return self.home

    def _stock(self, env, process, port: int, lock: int) -> subprocess.Popen:
        config = self.home.folder / "server.config.json"
        told = {"host": "127.0.0.1", "port": port, "credentials": str(self.home.folder / "credentials.json")}
        config.write_text(json.dumps(told))
        told |= {"url": f"http://127.0.0.1:{port}"}
        with self.home.log.open("ab") as log:
            made = subprocess.Popen(
                [str(env.find()), str(HERE / "review_stock_server.py"), str(env.SIDE), str(config)],
                cwd=self.home.folder,
                env=process.variables(self.home),
                stdout=log,
                stderr=log,
                pass_fds=(lock,),
            )
        self.home.pid_file.write_text(json.dumps(told | {"pid": made.pid}))
        return made

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def measure(side: str, home, folder: Path, count: int) -> dict[str, float]:
    """Seconds of the push and of the pull of so many records: on the wall, and of CPU, of this process and of the server."""
    from globmed_curation.review.argilla_client import connect

    client = connect(home.folder)
    server = json.loads(home.pid_file.read_text())["pid"]
    reviewed(folder, count)
    push, pull = {"globmed": (our_push, our_pull), "SDK": (sdk_push, sdk_pull)}[side]
    prepared = None if side == "globmed" else ready_made(folder)
    pushed, dataset = clocked(server, lambda: push(client, folder, prepared))
    answer_all(client, home, dataset, count)
    pulled, held = clocked(server, lambda: pull(client, folder, dataset))
    assert held == count, f"{side}: {held} of {count} answers came back"
    told = {f"{kind}{unit}": one[unit] for kind, one in (("push", pushed), ("pull", pulled)) for unit in one}
    return {"records": count, **told}


def clocked(server: int, work):
    """({"": seconds on the wall, "_cpu": of CPU, client and server}, what the work gives)."""
    wall, mine, its = time.perf_counter(), time.process_time(), cpu_of(server)
    found = work()
    taken = {"": time.perf_counter() - wall, "_cpu": time.process_time() - mine + cpu_of(server) - its}
    return taken, found


def cpu_of(process: int) -> float:
    """CPU seconds that a process has used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def reviewed(folder: Path, count: int) -> None:
    """A review folder with so many items."""
    import xxhash
    from globmed_curation.review import model

    from globmed_tools import entry, manifest, resources, store

    rows = {
        code: [row for _, row in store.json_lines(resources.sample() / f"{code}.jsonl")] for code in ("en", LANGUAGE)
    }
    items, fields = [], ("question", "context", "options", "reference", "rationale")
    for number in range(count):
        old, new = rows["en"][number % len(rows["en"])], rows[LANGUAGE][number % len(rows["en"])]
        given = {name: old[name] for name in ("split", "form", "answers", "label", *fields)}
        given["question"] = f"{given['question']} ({number})"
        made = entry.make(
            source=f"sample-{old['form']}",
            key=str(number),
            language="en",
            locator=f"en:{number}",
            licence="CC0",
            **given,
        )
        texts = {name: new[name] for name in fields if old[name]} | {"question": f"{new['question']} ({number})"}
        other = entry.translation(made, LANGUAGE, translator="sample", **texts)
        found = [
            {"check": "numbers", "what": "a number differs", "field": "question", "source": None, "translation": None}
        ]
        sides = {"original": entry.to_dict(made), "translation": entry.to_dict(other)}
        about = {"source": made.source, "language": LANGUAGE, "form": made.form, "split": made.split}
        more = {"findings": found, "why": "flagged", "reviews": 1, "calibration": None}
        id = xxhash.xxh3_128_hexdigest(f"{number}".encode())
        items.append(model.Item(id=id, group_id=made.group_id, **about, **sides, **more))
    path = model.write_lines(folder / model.ITEMS, items)
    told = {"name": model.ITEMS, "rows": count, "bytes": path.stat().st_size, "xxh3": manifest.checksum(path)}
    model.write_manifest(folder, {"file": told})


def ready_made(folder: Path) -> list[dict]:
    """What the records are to hold; making it is part of our push, and not counted for the SDK."""
    from globmed_curation.review import argilla_records, model

    return [argilla_records.record(one) for one in model.open_review(folder)]


def our_push(client, folder: Path, _):
    from globmed_curation.review import argilla_push

    [batch] = argilla_push.plan(folder)
    done = argilla_push.push(client, folder, batch, "globmed")
    assert done.added == done.records
    return done.id


def our_pull(client, folder: Path, dataset: str) -> int:
    from globmed_curation.review import argilla_pull, model

    [pushed] = argilla_pull.there(client, folder)
    done = argilla_pull.pull(client, folder, pushed, argilla_pull.Who(client, folder))
    assert done.added == len(model.read_answers(folder / model.ANSWERS)) and not done.problems
    return done.added


def sdk_push(client, folder: Path, rows: list[dict]):
    import argilla as rg
    from globmed_curation.review import argilla_layout

    workspace = client.workspaces("globmed") or rg.Workspace(name="globmed", client=client).create()
    layout = argilla_layout.settings(LANGUAGE)
    dataset = rg.Dataset(folder.name, workspace=workspace, settings=layout, client=client).create()
    records = [
        rg.Record(
            id=row["external_id"],
            fields=row["fields"],
            metadata=row["metadata"],
            suggestions=[rg.Suggestion(name, value) for name, value in row["suggestions"].items()],
        )
        for row in rows
    ]
    dataset.records.log(records)
    return str(dataset.id)


def sdk_pull(client, folder: Path, dataset: str) -> int:
    import argilla as rg

    model = next(one for one in client.api.datasets.list() if str(one.id) == dataset)
    found = rg.Dataset.from_model(model, client)
    found.settings.get()
    return sum(len(one["responses"]["accuracy"]) for one in found.records.to_list(flatten=False))


def answer_all(client, home, dataset: str, count: int) -> None:
    """One reviewer submits an answer to every record."""
    import requests

    base = json.loads(home.pid_file.read_text())["url"]
    session = requests.Session()
    session.trust_env = False
    session.headers["X-Argilla-Api-Key"] = home.credentials()["api_key"]
    values = {"accuracy": 4, "fluency": 5, "completeness": 5, "safety": "safe", "comment": "a comment of some words"}
    body = {name: {"value": value} for name, value in values.items()}
    done, at = 0, 0
    while page := client.api.records.list(dataset, at, 250, with_suggestions=False, with_responses=False):
        at += len(page)
        for start in range(0, len(page), 50):
            rows = [
                {"record_id": str(one.id), "values": body, "status": "submitted"} for one in page[start : start + 50]
            ]
            reply = session.post(f"{base}/api/v1/me/responses/bulk", json={"items": rows}, timeout=300)
            reply.raise_for_status()
            done += sum(one["error"] is None for one in reply.json()["items"])
    assert done == count, f"{done} of {count} answers were accepted"


def show(found: dict[str, dict], options) -> None:
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    ours = found["globmed, embedded"]
    rows = []
    for name, one in found.items():
        cells = [name, f"{one['records']:,}"]
        for kind in ("push", "pull"):
            each, best = one[f"{kind}_cpu"] / one["records"], ours[f"{kind}_cpu"] / ours["records"]
            cells += [
                f"{one[kind]:.1f}",
                f"{one['records'] / one[kind]:,.0f}",
                f"{1000 * each:.2f}",
                f"{each / best:.2f}",
            ]
        rows.append(cells)
    print(machine_line() + f", argilla {version('argilla')}")
    print()
    columns = ("s", "a second", "CPU ms a record", "ratio")
    head = ["client, server", "records", *(f"{kind}, {one}" for kind in ("push", "pull") for one in columns)]
    print(markdown(head, rows))


def version(name: str) -> str:
    from importlib.metadata import version as of

    return of(name)


if __name__ == "__main__":
    main()
