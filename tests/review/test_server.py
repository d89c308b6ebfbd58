"""`globmed review serve` and what belongs to it: its environment, its folder, its end, its backups."""

from __future__ import annotations

import http.server
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from globmed_curation.review.server import archive, env, process
from globmed_curation.review.server.home import Home, counts, revision

from globmed_tools import environments
from globmed_tools.errors import GlobmedError

from .server_conftest import Client, Dataset, Refused, Server, globmed_review, needs_environment, terms, workspace

real = [pytest.mark.argilla, pytest.mark.slow, pytest.mark.xdist_group("argilla")]


def pretend(home: Path, version: str = env.VERSION) -> Path:
    """A folder that looks like argilla-server's environment."""
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "python").symlink_to(sys.executable)
    (home / "lib" / "python3.11" / "site-packages" / f"argilla_server-{version}.dist-info").mkdir(parents=True)
    return home


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """No environment is named, and the cache is empty."""
    monkeypatch.delenv(env.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def made(home: Path) -> Home:
    """A server's folder with a database that a server might have left."""
    found = Home(home)
    found.create()
    with closing(sqlite3.connect(found.database)) as db:
        db.executescript(
            f"""CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('{env.REVISION}');
            CREATE TABLE users (id); INSERT INTO users VALUES (1); CREATE TABLE datasets (id); CREATE TABLE records (id);
            CREATE TABLE responses (id, status); INSERT INTO responses VALUES (1, 'submitted'), (2, 'draft');"""
        )
    return found


def test_the_log_stays_small_and_loses_no_line(tmp_path):
    """The real thread in a process that writes as a server does, to both streams, and from a library that has no logger."""
    log, side = tmp_path / "server.log", env.SIDE
    code = f"""
import os, sys, time
from pathlib import Path
sys.path.insert(0, {str(side)!r})
from globmed_argilla import log
log.watch(Path({str(log)!r}), limit=4000, every=0.02)
for n in range(1000):
    os.write(1 + n % 2, f"line {{n}}\\n".encode())
    if n % 100 == 99:
        time.sleep(0.1)
time.sleep(0.2)
print("end", log.roll(Path({str(log)!r}), 4000))
"""
    with log.open("ab") as stream:
        stream.write(b"of an earlier start\n" * 1000)
        stream.flush()
        subprocess.run([sys.executable, "-c", code], stdout=stream, stderr=stream, check=True, timeout=60)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["server.log", "server.log.1"]
    lines = [line for name in ("server.log.1", "server.log") for line in (tmp_path / name).read_text().splitlines()]
    assert lines.pop() == "end False" and "of an earlier start" not in lines
    numbers = [int(line.removeprefix("line ")) for line in lines]
    assert numbers == list(range(numbers[0], 1000)) and 0 < numbers[0]
    assert log.stat().st_size <= 4000 and (tmp_path / "server.log.1").stat().st_size < 6000


def test_every_pin_is_one_exact_version():
    lines = env.constraints().read_text("utf-8").splitlines()
    pins = environments.pins(env.constraints())
    assert pins["argilla-server"] == env.VERSION
    assert len(pins) == len([line for line in lines if line and not line.startswith("#")]) > 80


def test_the_environment_is_the_named_one_or_the_one_in_the_cache(nowhere, monkeypatch):
    assert env.folder() == nowhere / "cache" / "globmed" / "argilla-server-2.8.0"
    assert env.find() is None
    half = pretend(env.default())
    assert env.find() is None and env.problem(half) == "its installation was not finished"
    steps = env.Plan(half, sys.executable).steps()
    assert [step.title for step in steps] == ["install argilla-server"]
    assert steps[0].command[-1] == "argilla-server==2.8.0" and str(env.constraints()) in steps[0].command
    (half / env.MARKER).write_text("{}")
    assert env.find() == half / "bin" / "python" and env.Plan(half, sys.executable).steps() == []
    monkeypatch.setenv(env.VARIABLE, str(pretend(nowhere / "old", "2.7.0")))
    with pytest.raises(GlobmedError, match="holds argilla-server 2.7.0, and 2.8.0 is needed"):
        env.find()


def test_serve_says_what_it_would_do(nowhere):
    said = globmed_review("serve", "--dry-run", "--json", cwd=nowhere, XDG_CACHE_HOME=str(nowhere / "cache"))
    assert said.returncode == 0, said.stderr
    titles = [step["title"] for step in json.loads(said.stdout)["steps"]]
    home = nowhere / "review-server"
    assert titles == [
        "make the environment",
        "install argilla-server",
        f"make {home} with a password and keys",
        "serve at http://127.0.0.1:6900",
    ]
    assert not home.exists() and not (nowhere / "cache").exists()


def test_a_folder_is_private_and_each_has_keys_of_its_own(tmp_path):
    one, other = Home(tmp_path / "one"), Home(tmp_path / "two")
    first, second = one.create(), other.create()
    assert first == one.credentials() and set(first) == {"username", "password", "api_key"}
    assert first["password"] != second["password"] and first["api_key"] != second["api_key"]
    assert one.secret() != other.secret() and len(first["password"]) >= 20
    for name in ("credentials.json", "secret.key"):
        assert stat.S_IMODE((one.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(one.folder.stat().st_mode) == 0o700
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("")
    with pytest.raises(GlobmedError, match="neither empty nor a review server's folder"):
        Home(tmp_path / "mine").create()


def test_another_version_is_told_before_anything_starts(tmp_path):
    home = made(tmp_path / "server")
    home.check()
    with closing(sqlite3.connect(home.database)) as db:
        db.execute("UPDATE alembic_version SET version_num = 'older'")
        db.commit()
    with pytest.raises(GlobmedError, match="database of another version of argilla-server .revision older"):
        home.check()
    with closing(sqlite3.connect(home.database)) as db:
        db.execute("DELETE FROM users")
        db.commit()
    with pytest.raises(GlobmedError, match="first start was cut off. Remove .*server and start again"):
        home.check()
    about = home.folder / "server.json"
    about.write_text(about.read_text().replace("2.8.0", "2.9.0"))
    with pytest.raises(GlobmedError, match="made by argilla-server 2.9.0, and this globmed runs 2.8.0"):
        home.check()
    home.database.write_bytes(b"no database" * 100)
    with pytest.raises(GlobmedError, match="cannot be read as SQLite"):
        revision(home.database)


def test_one_server_a_folder_and_one_a_port(tmp_path):
    home = Home(tmp_path / "server")
    home.create()
    lock = process.claim(home)
    home.pid_file.write_text(json.dumps({"pid": 4711, "host": "127.0.0.1", "port": 1, "url": "http://127.0.0.1:1"}))
    with pytest.raises(GlobmedError, match="a server is running there already at http://127.0.0.1:1 .process 4711"):
        process.claim(home)
    os.close(lock)
    os.close(process.claim(home))  # let go of, it can be taken again
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(GlobmedError, match=f"127.0.0.1, port {port}: cannot be listened at"):
            process.port_free("127.0.0.1", port)


def test_the_users_own_argilla_settings_do_not_reach_the_server(tmp_path, monkeypatch):
    monkeypatch.setenv("ARGILLA_DATABASE_URL", "postgresql://elsewhere")
    monkeypatch.setenv("ARGILLA_BASE_URL", "/other")
    home = Home(tmp_path / "server")
    home.create()
    found = process.variables(home)
    assert found["ARGILLA_DATABASE_URL"] == f"sqlite+aiosqlite:///{home.database}"
    assert "ARGILLA_BASE_URL" not in found
    assert found["HF_HUB_OFFLINE"] == found["HF_HUB_DISABLE_TELEMETRY"] == "1"


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz"])
def test_a_backup_comes_back_as_it_was(tmp_path, name):
    home, file = made(tmp_path / "server"), tmp_path / name
    found = archive.backup(home, file)
    assert found["counts"]["submitted_answers"] == found["counts"]["draft_answers"] == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["server", name])  # no drafts
    back = Home(tmp_path / "deep" / "back")
    archive.restore(file, back)
    assert back.credentials() == home.credentials() and back.secret() == home.secret()
    assert counts(back.database) == counts(home.database)
    assert stat.S_IMODE((back.folder / "credentials.json").stat().st_mode) == 0o600
    with pytest.raises(GlobmedError, match="exists already"):
        archive.backup(home, file)
    with pytest.raises(GlobmedError, match="not empty, and nothing is overwritten"):
        archive.restore(file, back)


def test_a_damaged_backup_leaves_nothing_behind(tmp_path):
    home, file = made(tmp_path / "server"), tmp_path / "b.tar"
    archive.backup(home, file)
    whole = file.read_bytes()
    changed = bytearray(whole)
    changed[whole.index(home.secret().encode())] ^= 1
    (tmp_path / "changed.tar").write_bytes(changed)
    (tmp_path / "cut.tar").write_bytes(whole[: len(whole) // 2])
    with tarfile.open(tmp_path / "other.tar", "w") as other:
        other.add(home.folder / "secret.key", "secret.key")
    (tmp_path / "older.tar").write_bytes(whole.replace(b'"argilla_server": "2.8.0"', b'"argilla_server": "2.7.0"', 1))
    for name, said in {
        "changed": "secret.key in it is damaged",
        "cut": "no whole backup",
        "other": "no whole backup",
        "older": "made with argilla-server 2.7.0",
        "absent": "no such file",
    }.items():
        with pytest.raises(GlobmedError, match=said):
            archive.restore(tmp_path / f"{name}.tar", Home(tmp_path / "back"))
        assert not (tmp_path / "back").exists() and not list(tmp_path.glob(".back*"))


def test_the_compose_file_has_no_secret_of_its_own(root):
    text = (root / "deploy" / "docker-compose.yml").read_text("utf-8")
    services = yaml.safe_load(text)["services"]
    assert set(services) == {"argilla", "worker", "postgres", "elasticsearch", "redis"}
    for name in ("argilla", "worker"):
        assert services[name]["image"].endswith(f":v{env.VERSION}")
    required = set(re.findall(r"\$\{(\w+):\?", text))
    assert required == {
        "POSTGRES_PASSWORD",
        "ARGILLA_AUTH_SECRET_KEY",
        "ARGILLA_OWNER",
        "ARGILLA_OWNER_PASSWORD",
        "ARGILLA_OWNER_API_KEY",
    }
    secret = re.compile("PASSWORD|SECRET|KEY|USERNAME|DATABASE_URL")
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            assert not secret.search(key) or "${" in value, f"{name}: {key}"
    assert text.count("${") == len(re.findall(r"\$\{\w+:\?", text))  # none with a default
    guide = (root / "deploy" / "README.md").read_text("utf-8")
    assert all(f"{name}=" in guide for name in required)
    published = {name: one["ports"] for name, one in services.items() if "ports" in one}
    assert published == {"argilla": ["127.0.0.1:6900:6900"]}  # TLS is for a server before it
    assert "12345678" not in text and "argilla.apikey" not in text  # Argilla's documented defaults


class TestOnARealServer:
    """In this order, on one folder."""

    pytestmark = real

    @pytest.fixture(scope="class")
    def server(self, tmp_path_factory):
        needs_environment()
        made = Server(tmp_path_factory.mktemp("life") / "server", globmed_review)
        made.started = made.start()
        yield made
        made.run("stop")

    def test_the_database_is_at_the_revision_that_is_expected(self, server):
        assert revision(server.folder / "argilla.db") == env.REVISION
        code = "import sys; sys.path.insert(0, sys.argv[1]); from globmed_argilla import jobs; jobs.install()\n"
        code += "from globmed_argilla import setup; print(setup.head())"
        home = str(server.folder.parent / "unused")
        done = subprocess.run(
            [str(env.find()), "-c", code, str(env.SIDE)],
            env={**os.environ, "ARGILLA_HOME_PATH": home, "HF_HUB_OFFLINE": "1"},
            capture_output=True,
            text=True,
        )
        assert done.stdout.strip() == env.REVISION, done.stderr

    def test_the_owner_signs_in_with_what_was_shown_once(self, server):
        shown = server.started["credentials"]
        assert server.started["new"] is True and shown == Home(server.folder).credentials()
        owner = Client(server.started["url"], shown["api_key"])
        assert (owner.get("/me")["username"], owner.get("/me")["role"]) == ("owner", "owner")
        data = {"username": "owner", "password": shown["password"]}
        assert owner.session.post(f"{owner.base}/api/v1/token", data=data).status_code == 201
        wrong = owner.session.post(f"{owner.base}/api/v1/token", data=data | {"password": "12345678"})
        assert wrong.status_code == 401
        with pytest.raises(Refused) as refused:
            Client(owner.base, "argilla.apikey").get("/me")
        assert refused.value.status == 401
        assert "<div id=" in owner.session.get(f"{owner.base}/").text  # the interface

    def test_status_and_a_second_start(self, server):
        said = server.run("status", "--json")
        found = json.loads(said.stdout)
        assert said.returncode == 0 and found["state"] == "running" and found["url"] == server.started["url"]
        assert found["counts"]["users"] == 1
        again = server.run("serve", "--port", str(server.port), "--background")
        assert again.returncode == 1 and "a server is running there already" in again.stderr
        assert len(again.stderr.strip().splitlines()) == 1
        other = globmed_review("serve", "--home", server.folder.parent / "other", "--port", server.port)
        assert other.returncode == 1 and f"port {server.port}: cannot be listened at" in other.stderr
        assert json.loads(server.run("status", "--json").stdout)["pid"] == found["pid"]

    def test_what_was_acknowledged_survives_kill_9(self, server):
        owner = server.owner()
        place = workspace(owner)
        dataset = Dataset(owner, place, least=1)
        ids = dataset.push([{"external_id": f"k{at}", "fields": {"source": f"text {at}"}} for at in range(400)])
        users = [owner.user(f"kill{one}", place) for one in range(2)]
        acknowledged: dict[str, int] = {}

        def submit(user, mine):
            try:
                for at, record in enumerate(mine):
                    user.answer(record, {"accuracy": at % 5 + 1})
                    acknowledged[record] = at % 5 + 1
            except OSError:
                pass  # the server is gone

        threads = [threading.Thread(target=submit, args=(one, ids[n::2])) for n, one in enumerate(users)]
        for thread in threads:
            thread.start()
        while len(acknowledged) < 30:
            time.sleep(0.01)
        os.kill(json.loads(server.run("status", "--json").stdout)["pid"], signal.SIGKILL)
        for thread in threads:
            thread.join()
        assert 30 <= len(acknowledged) < 400
        stopped = server.run("status", "--json")
        assert stopped.returncode == 1 and json.loads(stopped.stdout)["state"] == "stopped"
        # As where the end comes after the answer is stored and before its record is counted.
        with closing(sqlite3.connect(server.folder / "argilla.db")) as db:
            answered = "SELECT record_id FROM responses WHERE status = 'submitted' LIMIT 2"
            assert db.execute(f"UPDATE records SET status = 'pending' WHERE id IN ({answered})").rowcount == 2
            db.commit()
        assert server.start()["new"] is False
        found = {}
        for at in range(0, 400, 200):
            page = owner.get(f"/datasets/{dataset.id}/records", include="responses", offset=at, limit=200)["items"]
            for record in page:
                for response in record["responses"]:
                    found[record["id"]] = response["values"]["accuracy"]["value"]
        assert {record: found.get(record) for record in acknowledged} == acknowledged
        # Each stored answer completes its record, also where the server ended between the two.
        assert dataset.filtered(terms("record", "completed", property="status")) == dataset.filtered(
            terms("response", "submitted", property="status")
        )
        assert owner.get(f"/datasets/{dataset.id}/progress")["completed"] == len(found)

    @pytest.mark.parametrize("each", [15, pytest.param(200, marks=pytest.mark.everything)])
    def test_eight_people_at_once(self, server, each):
        owner = server.owner()
        place = workspace(owner)
        dataset = Dataset(owner, place, least=8)
        ids = dataset.push([{"external_id": f"m{at}", "fields": {"source": f"text {at}"}} for at in range(each)])
        users = [owner.user(f"eight{each}x{one}", place) for one in range(8)]
        failed = []

        def work(user, own):
            try:
                for at, record in enumerate(ids):
                    user.answer(record, {"accuracy": (at + own) % 5 + 1, "safety": "safe"})
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(one, n)) for n, one in enumerate(users)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        progress = owner.get(f"/datasets/{dataset.id}/progress")
        assert (progress["total"], progress["completed"]) == (each, each)
        for own, user in enumerate(users):
            assert user.get(f"/me/datasets/{dataset.id}/metrics")["responses"]["submitted"] == each
            for rating in range(1, 6):
                expected = {f"m{at}" for at in range(each) if (at + own) % 5 + 1 == rating}
                asked = terms("response", str(rating), question="accuracy")
                assert dataset.filtered(asked, client=user) == expected

    def test_jobs_run_without_redis_and_events_reach_a_webhook(self, server):
        heard = []

        class Listener(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *arguments):
                pass

        owner = server.owner()
        place = workspace(owner)
        dataset, user = Dataset(owner, place, least=1), owner.user("webhook", place)
        ids = dataset.push([{"external_id": f"w{at}", "fields": {"source": "text"}} for at in range(2)])
        user.answer(ids[0], {"accuracy": 2})  # before anything listens
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as listener:
            threading.Thread(target=listener.serve_forever, daemon=True).start()
            events = ["response.created", "response.updated", "record.completed"]
            address = f"http://127.0.0.1:{listener.server_port}/"
            hook = owner.post("/webhooks", {"url": address, "events": events, "description": "a test"})
            items = [
                {"record_id": one, "status": "submitted", "values": {"accuracy": {"value": 4}}} for one in reversed(ids)
            ]
            user.post("/me/responses/bulk", {"items": items})
            end = time.monotonic() + 30
            while len(heard) < 4 and time.monotonic() < end:
                time.sleep(0.05)
            owner.call("DELETE", f"/webhooks/{hook['id']}")
            listener.shutdown()
        assert sorted(one["type"] for one in heard) == ["record.completed"] * 2 + [
            "response.created",
            "response.updated",
        ]
        assert dataset.filtered(terms("response", "4", question="accuracy")) == {"w0", "w1"}
        with pytest.raises(Refused, match="Job with id `nothing` not found") as refused:
            owner.get("/jobs/nothing")
        assert refused.value.status == 404

    def test_a_backup_of_the_running_server_serves_elsewhere(self, server, tmp_path):
        owner = server.owner()
        dataset = Dataset(owner, workspace(owner))
        dataset.push([{"external_id": "kept", "fields": {"source": "病人每天服药三次"}}])
        file = tmp_path / "review.tar.gz"
        assert server.run("backup", file).returncode == 0
        later = Dataset(owner, dataset.workspace)
        assert server.run("stop").returncode == 0
        assert json.loads(server.run("status", "--json").stdout)["state"] == "stopped"
        other = Server(tmp_path / "restored", globmed_review)
        assert other.run("restore", file).returncode == 0
        other.start()
        try:
            dataset.owner = other.owner()
            assert dataset.owner.key == owner.key
            assert dataset.texts("每天服药") == {"kept"}
            with pytest.raises(Refused, match="not found"):
                dataset.owner.get(f"/datasets/{later.id}")
        finally:
            assert other.run("stop").returncode == 0

    def test_in_the_foreground_a_signal_ends_both(self, server):
        server.run("stop")
        command = [sys.executable, "-P", "-m", "globmed_tools.cli", "review", "serve", "--home", str(server.folder)]
        started = subprocess.Popen(
            [*command, "--port", str(server.port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        said = ""
        while "stopped by" not in said:
            line = started.stdout.readline()
            assert line, started.stderr.read()
            said += line
        assert "credentials.json" in said and server.owner().key not in said  # shown once, the first time
        assert server.owner().get("/me")["username"] == "owner"
        started.send_signal(signal.SIGTERM)
        assert started.wait(60) == 0
        started.stdout.close(), started.stderr.close()
        assert json.loads(server.run("status", "--json").stdout)["state"] == "stopped"
