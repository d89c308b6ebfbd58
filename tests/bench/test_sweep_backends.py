"""The arguments that a sweep gives to a backend are arguments of that backend in the installed lm-eval.

vllm and sglang are not installed where tests run, so the signatures are read from lm-eval's source.
"""

from __future__ import annotations

import ast
import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from globmed_tools.bench.sweep import command, roster, work

pytest.importorskip("lm_eval")

MODELS = Path(find_spec("lm_eval").origin).parent / "models"
#: Handed on by lm-eval to the engine's own arguments: vllm.EngineArgs, as its documentation of engine arguments names them.
ENGINE = {"vllm": {"gpu_memory_utilization"}}


def classes() -> dict[str, ast.ClassDef]:
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted(MODELS.glob("*.py"))]
    return {one.name: one for tree in trees for one in ast.walk(tree) if isinstance(one, ast.ClassDef)}


def registered(found: dict[str, ast.ClassDef]) -> dict[str, str]:
    """backend -> class, by lm-eval's decorator."""
    return {
        name.value: one.name
        for one in found.values()
        for call in one.decorator_list
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "register_model"
        for name in call.args
    }


def arguments(found: dict[str, ast.ClassDef], name: str) -> set[str]:
    """Names of the arguments of a class and of those that it hands **kwargs on to."""
    one = found[name]
    (made,) = [part for part in one.body if getattr(part, "name", "") == "__init__"] or [None]
    bases = [base.id for base in one.bases if isinstance(base, ast.Name) and base.id in found]
    if made is None:
        return set().union(*(arguments(found, base) for base in bases))
    names = {part.arg for part in (*made.args.args, *made.args.kwonlyargs)} - {"self"}
    if made.args.kwarg:
        names |= set().union(*(arguments(found, base) for base in bases))
    return names


@pytest.fixture(scope="module")
def known():
    found = classes()
    return {backend: arguments(found, name) for backend, name in registered(found).items()}


def test_the_signatures_were_found(known):
    assert {"pretrained", "tensor_parallel_size", "enable_thinking", "think_end_token"} <= known["vllm"]
    assert {"model", "base_url", "num_concurrent", "tokenized_requests"} <= known["local-chat-completions"]
    assert "parallelize" in known["hf"] and "self" not in known["vllm"]
    assert set(roster.BACKENDS) <= set(known)


@pytest.mark.parametrize("gpus", [1, 8])
def test_the_shipped_roster_names_arguments_that_lm_eval_knows(known, gpus):
    models = roster.read(roster.SHIPPED).values()
    wrong = [
        (one.name, name)
        for one in models
        for name in command.model_args(one, gpus)
        if name not in known[one.backend] | ENGINE.get(one.backend, set())
    ]
    assert wrong == [] and sum(one.backend == "vllm" for one in models) > 50


@pytest.mark.parametrize("backend", roster.LOCAL)
def test_many_gpus_are_named_as_each_backend_names_them(known, backend):
    fields = {"name": "m", "id": "org/m", "organisation": "us", "parameters": 8, "licence": "MIT", "kind": "chat"}
    one = roster.Model(**fields, reasoning="none", backend=backend, confirmed="by us")
    more = set(command.model_args(one, 4)) - set(command.model_args(one, 1))
    assert len(more) == 1 and more <= known[backend]


def test_the_command_is_one_that_lm_eval_parses(tmp_path):
    from lm_eval.__main__ import HarnessCLI

    asked = work.select(data="sample", sets=("medqa",), languages_=("sw",), limit=2, shots=1)
    models = roster.read(roster.SHIPPED)
    cli = HarnessCLI()
    for name in ("qwen3-8b-thinking", "qwen3-8b-base"):
        args = command.arguments(models[name], "globmed_medqa_sw", asked, tmp_path, gpus=4)
        found = cli._parser.parse_args(["run", *args])
        assert found.model == "vllm" and found.tasks == ["globmed_medqa_sw"] and found.num_fewshot == 1
        told = found.model_args if isinstance(found.model_args, dict) else json.loads(found.model_args)
        assert told == command.model_args(models[name], 4) and told["tensor_parallel_size"] == 4
        assert bool(getattr(found, "apply_chat_template", False)) == (models[name].kind == "chat")
