"""What is shown while a run goes on and at its end."""

from __future__ import annotations

import time

from globmed_tools import console
from globmed_tools.llm.calls import Failure, Reply, Usage
from globmed_tools.llm.progress import shown, summary
from globmed_tools.llm.tally import Tally, clock


def filled() -> Tally:
    tally = Tally(total=2000, cost=1.2)
    for n in range(30):
        tally.add(Reply(str(n), "k", "t", None, Usage(), 0.0, 0.1, n < 10))
    for n in range(12):
        tally.add(Failure(str(n), "k", "refusal" if n else "timeout", "d"))
    return tally


def test_the_line_and_the_summary(capsys):
    tally = filled()
    assert tally.line().startswith("42 of 2,000 done, 12 failed, 10 from the journal | ")
    assert "US$ 1.20" in tally.line() and tally.line().endswith(" left")
    tally.unpriced = 3
    assert "US$ 1.20 + 3 requests of unknown price" in tally.line()
    console.console().print(summary(tally))
    said = capsys.readouterr().out
    assert said.index("refusal") < said.index("timeout") and "another prompt or model" in said
    assert summary(Tally()) is None
    assert [clock(one) for one in (16, 725, 11045)] == ["0:16", "12:05", "3:04:05"]


def test_a_log_gets_lines_and_notices_once(capsys):
    tally = filled()
    with shown(tally, every=0.05):
        tally.notices.append("the endpoint answers again after 3 s")
        time.sleep(0.2)
    said = capsys.readouterr().err
    assert said.count("answers again") == 1 and said.count("42 of 2,000 done") >= 2
    with shown(tally, quiet=True):
        pass
    assert capsys.readouterr().err == ""
