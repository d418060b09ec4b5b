"""The ports, made real: one package per technology, one file per port."""
