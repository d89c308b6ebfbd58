"""GlobMed-Bench: where the items come from, how they are asked, and how replies are read and scored.

load     hub | sample | folder -> Entries              probe    columns of unknown files -> Entries
prompts  Entry -> what a model is asked                extract  a reply -> the answer it states
speech   is a reply in the task's language             metrics  per-document scores
task     what the YAML files name                      generate the YAML files        doctor  is this data usable
"""
