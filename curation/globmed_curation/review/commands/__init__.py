"""The commands of `globmed review`, a module each, imported when one is asked for."""
