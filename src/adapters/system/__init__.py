"""The ports that need nothing but the operating system."""
