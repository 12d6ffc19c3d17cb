"""A mail server to send to."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.integration.email.sink import Sink, use_server


@pytest.fixture
def closed_sink(settings: Settings) -> Iterator[Sink]:
    """The mail server that Django sends to; it refuses connections until a test opens it."""
    sink = Sink()
    use_server(settings, sink.port)
    yield sink
    sink.close()


@pytest.fixture
def sink(closed_sink: Sink) -> Sink:
    """The mail server that Django sends to."""
    closed_sink.open()
    return closed_sink
