"""The Lua scripts as typed methods, and their replies as types."""
