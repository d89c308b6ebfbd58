"""The commands of `globmed recipes`, thin over the library functions of the same name."""
