"""What each port promises, as tests that every adapter of it inherits."""
