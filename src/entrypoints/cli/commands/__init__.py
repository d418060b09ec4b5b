"""One module per command of `postdate`. The attribute `command` of each module is the click command."""
