"""The app."""

from django.apps import AppConfig


class SeedConfig(AppConfig):
    """Its tables are named seed_*."""

    name = "benchmarks.peers.seed"
    label = "seed"
