"""The store, the locks and the bell without a server: complete, for tests and trials; gone with the process."""
