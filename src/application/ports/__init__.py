"""The interfaces through which the use cases reach the outside world, one protocol per file."""
