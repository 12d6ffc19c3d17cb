"""Prepare: migrate and fill the database that each run gets a copy of. Run as `python -m chaos.prepare`."""

from __future__ import annotations

from chaos.canary import address_of

PEOPLE = 3000
WITH_ADDRESS = 50
"""The first of them; the others are told in the app alone, so that a large fan-out stays quick."""


def prepare() -> None:
    """Make the tables, and the people."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    user = get_user_model()
    user._default_manager.bulk_create(
        user(
            pk=number,
            username=f"person-{number}",
            email=address_of(number) if number <= WITH_ADDRESS else "",
        )
        for number in range(1, PEOPLE + 1)
    )


if __name__ == "__main__":
    import django

    django.setup()
    prepare()
