"""The app."""

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """People, an event type and a handler."""

    name = "benchmarks.project"
    label = "bench"
