"""Training recipes: what Axolotl does not guard before, and does not tell after, a training run.

    recipe.py    a recipe file -> Recipe: settings, the line of every key, the header
    models.py    THE table of base models (models.toml): sizes, turn terminators, licences
    gpus.py      THE table of accelerators and of the simulated set-ups (gpus.toml)
    check.py     strict check of a recipe against the pinned Axolotl's schema and against itself
    memory.py    how much of a GPU a recipe takes
    plan.py      tokens, steps, FLOPs, hours, energy
    mix/         exported conversations -> one balanced training file and per-language evaluation files
    env.py       Axolotl's own environment; everything that needs Axolotl runs there, by the scripts in axolotl_side/
    mask.py      which tokens are trained

Nothing here imports torch or axolotl; the scripts in axolotl_side/ run in Axolotl's environment and import nothing of ours.
"""
