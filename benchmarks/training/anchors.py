"""What published speeds mean in our terms: tokens a second on one H100 -> MFU, by the project's own count of operations.

    python benchmarks/training/anchors.py

Attention is left out, as the lengths of those runs' documents are not told: their MFU is a little higher.
"""

from __future__ import annotations

from globmed_tools.recipes import flops, gpus, models

LORA = {"adapter": "lora", "lora_r": 16, "lora_target_linear": True}
#: model, method as published (or both where it is not told), tokens a second a GPU, who says so.
PUBLISHED = (
    ("meta-llama/Llama-3.1-8B", {"lora": LORA}, (12_473,), "NeMo AutoModel's summary, Llama 3 8B, said to be 41 %"),
    ("Qwen/Qwen3-1.7B-Base", {"full": {}, "lora": LORA}, (20_800, 32_800), "a vendor's comparison of two trainers"),
    ("Qwen/Qwen3-4B-Base", {"full": {}, "lora": LORA}, (12_400, 15_900), "the same"),
    ("Qwen/Qwen3-8B-Base", {"full": {}, "lora": LORA}, (8_900, 10_200), "the same"),
)
GOALS = (("Qwen/Qwen3-1.7B-Base", "full", {}, 0.45), ("Qwen/Qwen3-8B-Base", "lora", LORA, 0.50))


def main() -> None:
    peak = gpus.get("h100").tflops
    print("| model | counted as | tokens/s | MFU | from |\n| --- | --- | ---: | ---: | --- |")
    for name, methods, speeds, source in PUBLISHED:
        for method, settings in methods.items():
            work = flops.per_token(settings, models.get(name), mean_square=0).model
            for speed in speeds:
                share = flops.utilisation(speed, work, 1, peak)
                print(f"| {name.partition('/')[2]} | {method} | {speed:,} | {share:.1%} | {source} |")
    for name, method, settings, goal in GOALS:
        work = flops.per_token(settings, models.get(name), mean_square=0).model
        print(f"| {name.partition('/')[2]} | {method} | {goal * peak * 1e12 / work:,.0f} | {goal:.1%} | our goal |")


if __name__ == "__main__":
    main()
