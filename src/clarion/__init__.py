"""Clarion: what happened reaches the people who should know, in the channels they chose, once."""

__version__ = "0.1.0"
