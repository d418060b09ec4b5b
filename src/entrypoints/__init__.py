"""The entrypoints: HTTP, the commands, and the container that composes the objects of a process."""
