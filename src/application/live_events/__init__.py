"""Live events: publishing message events to listeners, and watching them."""
