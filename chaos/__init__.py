"""Chaos: every fault we can provoke, on every engine and database, with a ledger of what came of it.

`make chaos` runs the matrix. Nothing here is shipped.
"""
