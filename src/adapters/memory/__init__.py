"""The adapters of the store in memory: complete, for tests and trials. The contents end with the process."""
