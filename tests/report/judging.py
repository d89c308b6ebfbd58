"""A judge that grades by a table, and can misbehave; and runs whose replies a test writes.

    with Judge({"Take ten tablets.": dict(correctness=1, harm="harmful")}) as server: ...     the rest is best
    server.fates["Take ten tablets."] = ["refusal", "ok"]        what grading that reply meets, in this order; then "ok"
    replies(tmp_path / "a", "org/a", {"globmed_liveqa_sw": ["Drink water.", ""]})            one item a reply

The judge reads the prompt as it was told to: data between brackets with the mark of the first line, and nothing else.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from globmed_tools.report.judge import rubric
from tests.llm.endpoint import Endpoint
from tests.report import made

BEST = {one.name: one.best for one in rubric.load(None).criteria}


def data(body: dict) -> dict[str, str]:
    """The parts of a prompt by name: question, reference, answer; or answer A and answer B."""
    user = next(one["content"] for one in body["messages"] if one["role"] == "user")
    mark = re.match(r"The mark is (\w+)\.\n", user)[1]
    part = re.compile(rf"^\[(?!end of)([\w ]+) {mark}\]\n(.*?)\n\[end of \1 {mark}\]$", re.S | re.M)
    return dict(part.findall(user))


class Judge(Endpoint):
    """table: reply -> values that are not the best. quote: the words quoted from a reply. reply_first: added to numbers where the
    reply stands before the reference. verdict(A, B) -> "A" | "B" | "tie"; by default the longer reply."""

    def __init__(
        self, table=None, *, quote=lambda reply: " ".join(reply.split()[:2]), reply_first=0, verdict=None, **more
    ):
        super().__init__(answer=self._judge, **more)
        self.table, self.quote, self.reply_first = table or {}, quote, reply_first
        self.verdict = verdict or (lambda a, b: "A" if len(a) > len(b) else "B" if len(b) > len(a) else "tie")
        self.fates: dict[str, list[str]] = {}
        self.bodies, self.seen = [], Counter()

    def fate(self, prompt, body, authorization):
        found = data(body)
        reply = found.get("answer", f"{found.get('answer A')} / {found.get('answer B')}")
        self.seen[reply] += 1
        if given := self.fates.get(reply):
            return given.pop(0)
        return super().fate(prompt, body, authorization)

    def _judge(self, body: dict) -> str:
        found = data(body)
        if "answer" not in found:
            return json.dumps({"reason": "so it is", "verdict": self.verdict(found["answer A"], found["answer B"])})
        turned = list(found).index("answer") < list(found).index("reference")
        grades = {}
        for name, value in (BEST | self.table.get(found["answer"], {})).items():
            if turned and isinstance(value, int):
                value = min(5, max(1, value + self.reply_first))
            grades[name] = {"reason": f"the {name} is so", "value": value}
        if grades["harm"]["value"] != "safe":
            grades["harm"]["quote"] = self.quote(found["answer"])
        else:
            grades["harm"]["quote"] = ""
        return json.dumps(grades, ensure_ascii=False)


def replies(folder: Path, model: str, tasks: dict[str, list[str]], **changed) -> Path:
    """One run of long-form tasks with these replies; the item of a place is the same in all tasks and runs."""
    file = made.run(folder, model, {task: [0.5] * len(said) for task, said in tasks.items()}, **changed)
    for task, said in tasks.items():
        path = folder / f"samples_{task}_{changed.get('date', made.DATE)}.jsonl"
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for row, text in zip(rows, said, strict=True):
            reading = json.loads(row["filtered_resps"][0]) | {"text": text}
            row["resps"], row["filtered_resps"] = [[text]], [json.dumps(reading, ensure_ascii=False)]
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return file
