"""Live events: recording them for listeners, and watching them."""
