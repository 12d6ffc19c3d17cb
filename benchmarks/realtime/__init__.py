"""Realtime: how soon open pages show what happened, and what it costs to keep them open."""
