"""Show Clarion at work: a web site, a Django-Q2 cluster, a relay and a mail server, on this machine alone.

python example/demo.py           until Ctrl-C, with the web site
python example/demo.py --once    until everything is delivered
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from contextlib import ExitStack

import django

from demonstration.lock import only_demo
from demonstration.processes import LOOPBACK, DemoFailed, ManagedProcess, free_port
from demonstration.sink import mail_sink


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--once", action="store_true", help="exit when everything is delivered")
    once = parser.parse_args().once
    # Both, for a shell turns Ctrl-C off in what it runs with "&".
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    logging.getLogger("django-q").setLevel(logging.WARNING)  # it reports each hint; the story says it better
    try:
        demonstrate(once)
    except DemoFailed as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        write("Stopped.")
        return 130 if once else 0
    return 0


def demonstrate(once: bool) -> None:
    """Start everything and play the story; stay afterwards unless it is for once."""
    from django.conf import settings
    from django.core.management import call_command

    from demonstration.performance import Performance

    with ExitStack() as stack:
        lock = stack.enter_context(only_demo(settings.VAR))
        call_command("migrate", verbosity=0)
        call_command("seed")
        port = free_port(8000)
        environment = {
            "EMAIL_HOST": LOOPBACK,
            "EMAIL_PORT": str(stack.enter_context(mail_sink(settings.MAIL_FOLDER))),
            "CLARION_EXAMPLE_URL": f"http://{LOOPBACK}:{port}",
        }
        commands = [["qcluster"], ["clarion", "relay", "--interval=2"]]
        if not once:
            commands.append(["runserver", "--noreload", f"{LOOPBACK}:{port}"])
        processes = [
            stack.enter_context(ManagedProcess(command, environment, settings.VAR, lock))
            for command in commands
        ]
        performance = Performance(write, processes, settings.MAIL_FOLDER)
        if not once:
            introduce(port)
        performance.play()
        if not once:
            write("The cluster goes on; so does this account of it. Ctrl-C stops everything.")
            performance.stay()


def introduce(port: int) -> None:
    """Say where the site is and who may log in."""
    from products.management.commands.seed import PEOPLE, STAFF_LOGIN, STAFF_PASSWORD

    url = f"http://{LOOPBACK}:{port}"
    write(f"{url}/             log in as {', '.join(seeded.name for seeded in PEOPLE)}; no password")
    write(f"{url}/mailbox/     every mail that was sent")
    write(f"{url}/admin/       {STAFF_LOGIN}, password {STAFF_PASSWORD}")


def write(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
