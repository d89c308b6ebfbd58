"""Many models over many tasks: planned and priced first, resumable, one process a model, failures kept.

roster   the models (models.yml ships with the package) and the check of such a file
work     which tasks, how many requests, how many tokens; plan: what that means for each model
state    what is done already, read from lm-eval's own result files and from the logs of earlier attempts
command  one model and task as the arguments of `lm_eval run`
child    the process of one model: loads it once and runs lm-eval over its tasks, one after the other
runner   starts the children on the GPUs, reads their logs, kills them when asked to
slurm    the same as job arrays
"""
