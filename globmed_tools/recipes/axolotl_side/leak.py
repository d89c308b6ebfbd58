"""Does packing leak? Logits of packed entries beside those of the same entries alone: Axolotl's loader, trainer and batches.

    PYTHON-OF-AXOLOTL leak.py '{"jobs": [{"name": "qwen3-8b-lora", "settings": {...}}]}'
    {"jobs": [{"name": ..., "model": "Qwen3ForCausalLM", "entries": 24, "sequences": 3, "packed": 2e-6, "joined": 3.7, "scale": 9.4}]}

"packed" is the largest difference of a logit between the packed entries and the entries alone; "joined" is the same where
the boundaries between entries are taken away, which must differ, or the comparison would see no leak; "scale" is the largest
logit. Weights are spread wide, so that a leak moves logits. Runs in Axolotl's environment and imports nothing of globmed.
"""

import json
import os
import sys

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")


def compare(job):
    import torch
    from axolotl.common.datasets import load_datasets
    from axolotl.train import setup_model_and_tokenizer
    from axolotl.utils.trainer import setup_trainer
    from mask import Reader

    cfg = Reader(job["settings"]).cfg
    data = load_datasets(cfg=cfg)
    model, tokenizer, _peft, processor = setup_model_and_tokenizer(cfg)
    trainer = setup_trainer(cfg, data.train_dataset, None, model, tokenizer, processor, data.total_num_steps)
    model = trainer.model.float().eval()
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.25)
    found = {"name": job["name"], "model": type(model).__name__, "entries": 0, "sequences": 0, "shared": 0}
    found |= {"packed": 0.0, "joined": 0.0, "scale": 0.0}
    with torch.no_grad():
        for batch in trainer.get_train_dataloader():
            ids, places = batch["input_ids"].clone(), batch["position_ids"].clone()
            together = trainer.compute_loss(model, dict(batch), return_outputs=True)[1]["logits"]
            for row in range(len(ids)):
                add(found, model, ids[row], places[row], together[row])
    return found


def add(found, model, ids, places, together):
    """Compare the entries of one packed sequence, the padding at its end among them."""
    import torch

    def logits(part, at):
        return model(input_ids=part[None], position_ids=at[None], use_cache=False).logits[0]

    joined = logits(ids, torch.arange(len(ids)))
    starts = [*(places == 0).nonzero().flatten().tolist(), len(ids)]
    found["sequences"] += 1
    found["shared"] += len(starts) > 3  # more than one entry and the padding
    for start, end in zip(starts, starts[1:]):
        alone = logits(ids[start:end], torch.arange(end - start))
        found["entries"] += 1
        found["scale"] = max(found["scale"], alone.abs().max().item())
        found["packed"] = max(found["packed"], (together[start:end] - alone).abs().max().item())
        if start:  # the first has nothing before it, joined or not
            found["joined"] = max(found["joined"], (joined[start:end] - alone).abs().max().item())


def main():
    payload = json.loads(sys.argv[1])
    # Libraries print on stdout; the answer alone belongs there.
    answer, sys.stdout = sys.stdout, sys.stderr
    found = [compare(job) for job in payload["jobs"]]
    print(json.dumps({"jobs": found}), file=answer, flush=True)


if __name__ == "__main__":  # saving prepared data starts Pythons that import this file
    main()
