"""Use cases for operators: readiness, store examination and secrets."""
