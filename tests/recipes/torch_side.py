"""Run by Axolotl's python: what torch, transformers, peft and Axolotl really make. A JSON list on stdin, one JSON line.

{"task": "parameters", "model": {...}, "settings": {...}}     parameters of the model, of its text norms, and of the adapter
{"task": "saved", "model": {...}, "settings": {...}}          bytes a token that one more layer saves for the backward pass
{"task": "pack", "lengths": [...], "capacity": ..., "group": ..., "bin_size": ...}          the rows of MultipackBatchSampler
"""

import json
import sys


def config(row, **more):
    import transformers

    shape = {
        "vocab_size": row["vocabulary"],
        "hidden_size": row["hidden"],
        "intermediate_size": row["intermediate"],
        "num_hidden_layers": row["layers"],
        "num_attention_heads": row["heads"],
        "num_key_value_heads": row["kv_heads"],
        "head_dim": row["head_dim"],
        "tie_word_embeddings": row["tied"],
        **more,
    }
    kind = row["architecture"]
    if kind == "Qwen3ForCausalLM":
        return transformers.Qwen3Config(**shape)
    if kind == "LlamaForCausalLM":
        return transformers.LlamaConfig(**shape)
    if kind == "Gemma3ForCausalLM":
        return transformers.Gemma3TextConfig(**shape)
    vision = {
        "hidden_size": row["tower_hidden"],
        "intermediate_size": row["tower_intermediate"],
        "num_hidden_layers": row["tower_layers"],
        "num_attention_heads": 16,
        "image_size": 896,
        "patch_size": 14,
        "vision_use_head": False,
    }
    return transformers.Gemma3Config(text_config=shape, vision_config=vision, tie_word_embeddings=row["tied"])


def adapted(model, settings):
    import peft
    from axolotl.loaders.adapter import find_all_linear_names

    targets = find_all_linear_names(model) if settings.get("lora_target_linear") else settings["lora_target_modules"]
    asked = peft.LoraConfig(r=settings["lora_r"], target_modules=targets, task_type="CAUSAL_LM")
    return peft.get_peft_model(model, asked, low_cpu_mem_usage=True)


def parameters(model, settings):
    import torch
    import transformers

    with torch.device("meta"):
        built = getattr(transformers, model["architecture"])(config(model))
    names = dict(built.named_parameters())
    norms = sum(
        p.numel() for name, p in names.items() if "norm" in name and "vision" not in name and "projector" not in name
    )
    found = {"all": sum(p.numel() for p in names.values()), "norms": norms}
    if settings:
        tuned = adapted(built, settings)
        found["trained"] = sum(p.numel() for p in tuned.parameters() if p.requires_grad)
    return found


def saved(model, settings, tokens=128):
    import torch
    import transformers

    def count(layers):
        torch.manual_seed(0)
        torch.set_default_dtype(torch.bfloat16)
        shape = config(model, num_hidden_layers=layers, use_cache=False, attn_implementation="sdpa")
        built = getattr(transformers, model["architecture"])(shape)
        torch.set_default_dtype(torch.float32)
        if settings.get("adapter"):
            built = adapted(built, settings)
        elif settings["stream"] == 4:
            for name, module in built.named_modules():
                if "norm" in name or "embed_tokens" in name or "lm_head" in name:
                    module.to(torch.float32)
        built.train()
        own = {p.untyped_storage().data_ptr() for p in built.parameters()}
        kept, alive = {}, []

        def pack(tensor):
            storage = tensor.untyped_storage()
            # What does not grow with the tokens is a copy of weights, which autocast makes.
            if storage.data_ptr() not in own and tokens in tensor.shape:
                kept[storage.data_ptr()] = storage.nbytes()
                alive.append(tensor)
            return tensor

        ids = torch.zeros((1, tokens), dtype=torch.long)
        inner = built.base_model.model.model if settings.get("adapter") else built.model
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t), torch.autocast("cpu", torch.bfloat16):
            inner(ids)
        return sum(kept.values())

    return {"bytes": (count(3) - count(2)) / tokens}


def pack(lengths, capacity, group, bin_size):
    import numpy
    from axolotl.utils.samplers import MultipackBatchSampler

    sampler = MultipackBatchSampler(
        range(len(lengths)),
        batch_size=1,
        batch_max_len=capacity,
        lengths=numpy.array(lengths),
        bin_size=bin_size,
        group_size=group,
        num_processes=1,
    )
    rows = [[int(place) for place in batch[0]] for batch in sampler.generate_batches(set_stats=True)]
    return {"rows": rows, "efficiency": sampler.efficiency()}


TASKS = {"parameters": parameters, "saved": saved, "pack": pack}
print(json.dumps([TASKS[asked.pop("task")](**asked) for asked in json.loads(sys.stdin.read())]))
