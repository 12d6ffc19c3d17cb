"""The project that is measured: people, one kind of event, and who is told of it."""
