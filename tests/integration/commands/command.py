"""The command, run as `manage.py clarion` runs it, in this process."""

from io import StringIO

from django.core.management import call_command


def clarion(*arguments: str) -> str:
    """Run `manage.py clarion` with these arguments; return what it prints."""
    printed = StringIO()
    call_command("clarion", *arguments, stdout=printed)
    return printed.getvalue()
