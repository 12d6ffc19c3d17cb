"""Channels: the ways to reach a person, one file each, independent of one another."""
