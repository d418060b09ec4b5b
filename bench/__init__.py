"""Benchmarks. Each figure is compared with a limit that is measured in the same run."""
