"""The generative tasks against a chat API: a local server that speaks the OpenAI protocol."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("lm_eval")

from globmed_tools import languages  # noqa: E402
from globmed_tools.bench import load, prompts  # noqa: E402

REPLY = (
    "<think>A looks right</think>The correct answer is **B**, because it is the treatment of choice for the patient."
)


class ChatServer:
    """Answers every chat completion with the same text and keeps what it was asked."""

    def __init__(self, reply: str):
        self.asked: list[dict] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append({"path": self.path, **body})
                message = {"role": "assistant", "content": reply}
                answer = {"id": "x", "object": "chat.completion", "model": body.get("model"), "usage": {},
                          "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}  # fmt: skip
                content = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1/chat/completions"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server():
    made = ChatServer(REPLY)
    yield made
    made.http.shutdown()


@pytest.mark.slow
def test_twelve_languages_are_asked_and_read(command, tmp_path, server):
    codes = languages.codes(paper=True)
    tasks = [f"globmed_{name}_{code}" for name in ("medexpqa", "liveqa") for code in codes]
    ran = command(
        "globmed", "bench", "run", "--model", "local-chat-completions",
        "--model_args", f"model=m,base_url={server.url},num_concurrent=4,tokenized_requests=False",
        "--apply_chat_template", "--tasks", ",".join(tasks), "--metadata", '{"globmed_data": "sample"}',
        "--output_path", "out", "--log_samples", OPENAI_API_KEY="none",
    )  # fmt: skip
    assert ran.code == 0, ran.err[-2000:]
    wanted = {}
    for name in ("medexpqa", "liveqa"):
        for code in codes:
            for entry in load.load("sample", name, code, "test"):
                wanted[prompts.document(entry, "gen")["prompt"]] = entry
    assert len(wanted) == 12 * (8 + 4)  # the sample stands in for medexpqa with items of 4 and of 5 options
    for asked in server.asked:
        assert asked["path"] == "/v1/chat/completions" and asked["model"] == "m"
        (message,) = asked["messages"]
        assert message["role"] == "user" and message["content"] in wanted
        assert asked["temperature"] == 0 and len(asked["stop"]) <= 4
    assert {asked["messages"][0]["content"] for asked in server.asked} == set(wanted)
    (file,) = (tmp_path / "out").rglob("results_*.json")
    found = json.loads(file.read_text("utf-8"))["results"]
    for code in codes:
        golds = [entry.answers[0] for entry in load.load("sample", "medexpqa", code, "test")]
        assert found[f"globmed_medexpqa_{code}"]["acc,extract"] == golds.count(1) / len(golds)
        assert found[f"globmed_medexpqa_{code}"]["answered,extract"] == 1
        assert found[f"globmed_medexpqa_{code}"]["in_language,extract"] == float(code == "en")
