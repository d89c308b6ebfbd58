"""GlobMed: multilingual medical evaluation and data for language models.

`import globmed_tools` is light: it pulls in neither torch nor lm_eval nor argilla. The nouns live in `languages`, `catalog`
and `entry`; everything heavier is imported where it is used.
"""

__version__ = "0.1.0"
