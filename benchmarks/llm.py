"""Many calls to one endpoint: our engine beside a bare AsyncOpenAI loop, litellm and distilabel, on the same server in turn.

    python benchmarks/llm.py --litellm ENV/bin/python --distilabel ENV/bin/python

The server is tests/llm/endpoint.py in a process of its own: it answers every request after 50 ms, well above the rates measured
here (the row "server" is what a client of raw sockets gets out of it). Every side runs in a process of its own, asks
the same prompts with 256 at once, warms up first, and reports wall and CPU seconds of the calls alone. The sides take turns;
the median of the rounds counts. Ours writes its journal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WARM = 512
MODEL = "gpt-4.1"
SIDES = ("server", "bare", "ours", "litellm", "distilabel")


def messages(number: int) -> list[dict]:
    """A prompt of about a thousand characters."""
    text = f"Item {number}. A patient of {number % 90} years takes 5 mg twice a day and asks what to do next. " * 11
    return [{"role": "system", "content": "Translate into Swahili."}, {"role": "user", "content": text}]


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def loop(ask, numbers, places: int) -> int:
    """How a script does it: a task for each call, a semaphore. Gives the number of answers with text."""
    gate = asyncio.Semaphore(places)

    async def one(number: int) -> int:
        async with gate:
            return bool(await ask(number))

    return sum(await asyncio.gather(*(one(number) for number in numbers)))


async def bare(url: str, places: int):
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=url, api_key="none")

    async def ask(number: int) -> str:
        reply = await client.chat.completions.create(model=MODEL, messages=messages(number))
        return reply.choices[0].message.content

    return lambda numbers: loop(ask, numbers, places)


async def litellm(url: str, places: int):
    import litellm as library

    library.suppress_debug_info = True

    async def ask(number: int) -> str:
        reply = await library.acompletion(
            model=f"openai/{MODEL}", messages=messages(number), api_base=url, api_key="none"
        )
        return reply.choices[0].message.content

    return lambda numbers: loop(ask, numbers, places)


async def distilabel(url: str, places: int):
    from distilabel.models import OpenAILLM

    llm = OpenAILLM(model=MODEL, base_url=url, api_key="none")
    llm.load()

    async def ask(number: int) -> str:
        reply = await llm.agenerate(input=messages(number))
        return reply["generations"][0]

    return lambda numbers: loop(ask, numbers, places)


async def ours(url: str, places: int):
    from globmed_tools.llm import Call, Config, Engine

    folder = Path(tempfile.mkdtemp())

    async def run(numbers) -> int:
        calls = (Call(str(number), MODEL, messages(number)) for number in numbers)
        return sum([outcome.ok async for outcome in engine.run(calls, total=len(numbers))])

    engine = await Engine(Config(base_url=url, journal=folder / "calls.sqlite", concurrency=places)).__aenter__()
    return run


async def server(url: str, places: int):
    """Raw sockets: what the server can do."""
    host, port = url.split("//")[1].split("/")[0].split(":")

    async def worker(numbers) -> int:
        reader, writer = await asyncio.open_connection(host, int(port))
        done = 0
        for number in numbers:
            body = json.dumps({"model": MODEL, "messages": messages(number)}).encode()
            writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
            done += b"reply to" in await reader.readexactly(size)
        writer.close()
        return done

    async def run(numbers) -> int:
        return sum(await asyncio.gather(*(worker(numbers[start::places]) for start in range(places))))

    return run


async def side(name: str, url: str, calls: int, places: int) -> dict:
    """One side's figures."""
    run = await globals()[name](url, places)
    await run(range(-WARM, 0))
    wall, used = time.perf_counter(), cpu()
    answered = await run(range(calls))
    wall, used = time.perf_counter() - wall, cpu() - used
    if answered != calls:
        raise SystemExit(f"{name}: {answered} answers to {calls} calls")
    return {"rate": calls / wall, "cpu": used / calls * 1e6}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--litellm", help="Python of an environment with litellm")
    parser.add_argument("--distilabel", help="Python of an environment with distilabel")
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--concurrency", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--delay", type=float, default=0.05)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        print(json.dumps(asyncio.run(side(asked.side, asked.url, asked.calls, asked.concurrency))))
        return
    programs = {"server": sys.executable, "bare": sys.executable, "ours": sys.executable}
    programs |= {name: getattr(asked, name) for name in ("litellm", "distilabel") if getattr(asked, name)}
    endpoint = [sys.executable, "-m", "tests.llm.endpoint", "--delay", str(asked.delay)]
    serving = subprocess.Popen(endpoint, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    found: dict[str, list[dict]] = {name: [] for name in programs}
    try:
        url = serving.stdout.readline().strip()
        for _ in range(asked.rounds):
            for name, program in programs.items():
                found[name].append(measured(name, program, url, asked))
    finally:
        serving.terminate()
    print(table({name: middle(rows) for name, rows in found.items()}))


def measured(name: str, program: str, url: str, asked) -> dict:
    command = [program, __file__, "--side", name, "--url", url]
    command += ["--calls", str(asked.calls), "--concurrency", str(asked.concurrency)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr.strip()[-1000:]}")
    row = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"{name}: {row['rate']:.0f}/s, {row['cpu']:.0f} us", file=sys.stderr)
    return row


def middle(rows: list[dict]) -> dict:
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def table(rows: dict[str, dict]) -> str:
    base = rows["bare"]
    lines = ["|  | requests/s | of bare | CPU a request, us | of bare |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, row in rows.items():
        share, more = row["rate"] / base["rate"], row["cpu"] / base["cpu"]
        lines.append(f"| {name} | {row['rate']:,.0f} | {share:.2f} | {row['cpu']:,.0f} | {more:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
