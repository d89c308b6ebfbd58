"""Which tokens of these rows are trained, by Axolotl's own tokenisation, one by one and packed.

    PYTHON-OF-AXOLOTL mask.py '{"settings": {...}, "jobs": [{"name": "qwen3-8b-lora", "settings": {...}, "shown": 2}]}'
    {"jobs": [{"name": ..., "terminator": "<|im_end|>", "packed": {...}, "examples": [{"language": "sw", "tokens": 214,
      "trained": 8, "terminator": true, "problems": [], "segments": [["<|im_start|>user\\n...", false], ["B. malaria<|im_end|>", true]]}]}]}

The first of `datasets` is read: its path, fields and template. An example is right where the trained tokens are the assistant's
turns with their terminators, token by token, and where what stands before them is what the model is given when it is
asked. Runs in Axolotl's environment and imports nothing of globmed.
"""

import json
import os
import sys
from itertools import groupby

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")
IGNORED = -100


class Reader:
    """The tokenised rows of a configuration's first data set, and what is needed to judge them."""

    def __init__(self, settings):
        from axolotl.cli.config import load_cfg
        from axolotl.loaders import load_tokenizer
        from axolotl.utils.data.sft import _load_and_process_single_dataset
        from axolotl.utils.dict import DictDefault

        self.cfg = cfg = load_cfg(DictDefault(settings))
        self.tokenizer = load_tokenizer(cfg)
        self.source = cfg.datasets[0]
        self.data, _ = _load_and_process_single_dataset(
            self.source, cfg, self.tokenizer, split="train", seed=cfg.seed or 42
        )
        with open(self.source.path, encoding="utf-8") as file:
            self.rows = [json.loads(line) for line in file]
        if len(self.data) != len(self.rows):
            raise SystemExit(f"{self.source.path}: {len(self.rows)} rows, and Axolotl made {len(self.data)} of them")
        ends = [*(cfg.eot_tokens or []), self.tokenizer.eos_token]
        self.ends = {self.tokenizer.convert_tokens_to_ids(token): token for token in ends}

    def text(self, ids):
        return self.tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)

    def turns(self, row):
        """The row's conversation as the template gets it: roles and contents."""
        names = self.source.message_property_mappings or {}
        role, content = names.get("role") or "role", names.get("content") or "content"
        known = {"human": "user", "gpt": "assistant"}
        turns = row[self.source.field_messages or "messages"]
        return [{"role": known.get(turn[role], turn[role]), "content": turn[content]} for turn in turns]


def example(reader, number, shown):
    """What is trained of one row, and all that is wrong with it."""
    row, tokens = reader.rows[number], reader.data[number]
    ids, labels = list(tokens["input_ids"]), list(tokens["labels"])
    trained = [label != IGNORED for label in labels]
    problems = ["a label is not the token that stands there"] * any(
        t and i != n for i, n, t in zip(ids, labels, trained)
    )
    runs = [(flag, [at for at, _ in group]) for flag, group in groupby(enumerate(trained), key=lambda pair: pair[1])]
    spans = [places for flag, places in runs if flag]
    turns = reader.turns(row)
    replies = [at for at, turn in enumerate(turns) if turn["role"] == "assistant"]
    if len(spans) != len(replies):
        problems.append(f"{len(spans)} stretches are trained, and the assistant has {len(replies)} turns")
    ended = bool(spans)
    for at, places in zip(replies, spans):
        said = [ids[place] for place in places]
        ended = ended and said[-1] in reader.ends
        problems += turn_problems(reader, turns, at, ids[: places[0]], said)
    if not ended:
        problems.append(f"the terminator {' or '.join(reader.ends.values())} is not trained")
    limit = reader.cfg.sequence_len
    if len(ids) > limit:
        fate = reader.cfg.excess_length_strategy or "drop"
        problems.append(f"{len(ids)} tokens, more than sequence_len {limit}: Axolotl would {fate} it")
    made = {
        "id": row.get("id", number),
        "language": row.get("language", ""),
        "tokens": len(ids),
        "trained": sum(trained),
        "terminator": ended,
        "problems": problems,
    }
    if shown or problems:
        made["segments"] = [[reader.text([ids[place] for place in places]), flag] for flag, places in runs]
    return made


def turn_problems(reader, turns, at, before, said):
    """What is wrong with the trained tokens `said` of turn `at`, which stand behind the tokens `before`."""
    content, problems = turns[at]["content"], []
    body = said[:-1] if said[-1] in reader.ends else said
    text = reader.text(body)
    if text not in (content, content.strip()):  # templates may trim
        more = text.replace(content.strip(), "", 1) if content.strip() in text else None
        problems.append(
            f"{more!r} is trained beside the assistant's turn"
            if more
            else f"{text[:80]!r} is trained, and the turn is {content[:80]!r}"
        )
    asked = reader.tokenizer.apply_chat_template(
        turns[:at], add_generation_prompt=True, tokenize=True, return_dict=False
    )
    if list(asked) != before:
        problems.append(
            f"before the reply stands {reader.text(before)[-40:]!r}, and the model is asked with {reader.text(asked)[-40:]!r}"
        )
    return problems


def packed(reader):
    """The rows through Axolotl's packing: every entry must come out of the packed batches once, with the labels it had."""
    from axolotl.utils.samplers import get_dataset_lengths
    from axolotl.utils.trainer import process_datasets_for_packing

    cfg = reader.cfg
    data, _ = process_datasets_for_packing(cfg, reader.data, None)
    left = {}
    for one in reader.data:
        key = (tuple(one["input_ids"]), tuple(one["labels"]))
        left[key] = left.get(key, 0) + 1
    problems, used, slots, bins = [], 0, 0, 0
    for batch in batches(cfg, reader.tokenizer, data, get_dataset_lengths(data)):
        for ids, labels, places in zip(batch["input_ids"], batch["labels"], batch["position_ids"]):
            bins, slots = bins + 1, slots + ids.numel()
            starts = [*(places == 0).nonzero().flatten().tolist(), len(places)]
            for start, end in zip(starts, starts[1:]):
                key = (tuple(ids[start:end].tolist()), tuple(labels[start:end].tolist()))
                if left.get(key):
                    left[key] -= 1
                    used += end - start
                elif any(label != IGNORED for label in key[1]):  # the padding at the end trains nothing
                    problems.append(f"packed, this is trained and is no entry: {reader.text(key[0])[:120]!r}")
    lost = sum(left.values())
    if lost:
        problems.append(f"{lost} of {len(reader.data)} entries are not in the packed batches with the labels they had")
    return {
        "bins": bins,
        "entries": len(reader.data),
        "efficiency": round(used / slots, 4) if slots else 0,
        "problems": problems,
    }


def batches(cfg, tokenizer, data, lengths):
    """Packed sequences by the trainer's sampler and collator, one by one: the trainer drops a last incomplete batch of them."""
    from axolotl.utils.collators import V2BatchSamplerDataCollatorForSeq2Seq
    from axolotl.utils.samplers import MultipackBatchSampler
    from torch.utils.data import SequentialSampler

    sampler = MultipackBatchSampler(
        SequentialSampler(data),
        batch_size=1,
        batch_max_len=cfg.sequence_len * (cfg.micro_batch_size if cfg.attn_supports_packing else 1),
        lengths=lengths,
        bin_size=cfg.sample_packing_bin_size or 200,
        group_size=cfg.sample_packing_group_size or 100_000,
        sequential=bool(cfg.sample_packing_sequentially),
        drop_last=True,
        num_processes=1,
    )
    collate = V2BatchSamplerDataCollatorForSeq2Seq(tokenizer, return_tensors="pt", padding=True, pad_to_multiple_of=64)
    kept = [name for name in data.column_names if name in ("input_ids", "labels", "position_ids", "attention_mask")]
    for numbers in sampler:
        yield collate([[{name: data[at][name] for name in kept} for at in one] for one in numbers])


def look(job):
    reader = Reader(job["settings"])
    counts, examples = {}, []
    for number, row in enumerate(reader.rows):
        language = row.get("language", "")
        counts[language] = counts.get(language, 0) + 1
        examples.append(example(reader, number, counts[language] <= job["shown"]))
    return {
        "name": job["name"],
        "terminator": " or ".join(reader.ends.values()),
        "packed": packed(reader) if reader.cfg.sample_packing else None,
        "examples": examples,
    }


def main():
    payload = json.loads(sys.argv[1])
    # Libraries print on stdout; the answer alone belongs there.
    answer, sys.stdout = sys.stdout, sys.stderr
    try:
        found = {"jobs": [look(job) for job in payload["jobs"]]}
    except (OSError, SystemExit, ValueError) as error:
        import traceback

        traceback.print_exc()
        found = {"error": " ".join(str(error).split())[:500]}
    print(json.dumps(found), file=answer, flush=True)


if __name__ == "__main__":
    main()
