"""The commands of `globmed curate`, one module a verb; each is imported when it is asked for."""
