"""One module per command of `postdate`. Its name is the command's, and its `command` is what runs."""
