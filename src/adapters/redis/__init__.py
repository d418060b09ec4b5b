"""The adapters of Redis and Valkey.

The modules of this package implement the ports of the same names. They import `scripts`, the Lua scripts as typed
methods. `scripts` imports `records`, which encodes what is stored, `connection`, which connects and translates the
driver's errors, and `keys`. These three import nothing else of this package.
"""
