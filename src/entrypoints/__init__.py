"""Where the world comes in: HTTP, the commands, and the container that wires them."""
