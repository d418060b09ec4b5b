"""The store, the locks and the bell in Redis or Valkey."""
