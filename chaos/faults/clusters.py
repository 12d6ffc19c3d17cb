"""Two clusters on two hosts, which are network namespaces, share one database and one broker."""

from __future__ import annotations

import threading

from chaos.databases import DATABASES
from chaos.engines import Engine
from chaos.faults.base import Fault, is_server, needs_root
from chaos.faults.frozen import PAST_LEASE
from chaos.network import Network
from chaos.processes import Supervised, kill_group
from chaos.proxy import Proxy
from chaos.publisher import Order
from chaos.world import NotStruck, World

HOSTS = ("north", "south")
ORDER = Order(start=1, count=60)


def _has_clusters(engine: Engine, database: str) -> bool:
    return bool(engine.workers) and is_server(engine, database)


class Clusters:
    """Workers and a relay on each host, which reach database, broker and mail sink through proxies."""

    def __init__(self, world: World) -> None:
        self.network = world.enter(Network(HOSTS))
        place = DATABASES[world.environment["CHAOS_DATABASE"]].settings("")
        to_database = self._proxy(int(place["PORT"]))
        environment = {
            "CHAOS_HOST": self.network.address,
            "CHAOS_SMTP_PORT": str(self._proxy(world.sink.port).port),
            "CHAOS_BROKER_PORT": str(self._proxy(world.proxy.target).port if world.proxy else 0),
            **dict.fromkeys(("PGHOST", "MYSQL_HOST"), self.network.address),
            **dict.fromkeys(("PGPORT", "MYSQL_PORT"), str(to_database.port)),
        }
        self.workers: dict[str, Supervised] = {}
        for host in HOSTS:
            self.workers[host] = world.start_workers(self.network, host, **environment)
            world.start_relay(self.network, host, **environment)

    def _proxy(self, port: int) -> Proxy:
        return Proxy(port, self.network.address)


def _share(world: World) -> None:
    world.sink.open()
    world.strike()
    Clusters(world)
    world.publish(ORDER)


def _lose_one(world: World) -> None:
    world.sink.open()
    south = Clusters(world).workers["south"]
    world.publish(ORDER)
    world.wait_for(lambda: len(world.sink.ledger) >= 10, "the first mails")
    with world.striking(window=2):
        for _ in range(3):
            kill_group(south.group)
            threading.Event().wait(0.2)


def _cut_one_off(world: World) -> None:
    """Pull one host's cable in mid-flight, past the lease; its workers live on, and then reach us again."""
    world.sink.open()
    network = Clusters(world).network
    world.publish(ORDER)
    world.wait_for(lambda: len(world.sink.ledger) >= 10, "the first mails")
    # TCP tries again at growing pauses: what waited comes, at the latest, as long after the cut as it took.
    with world.striking(window=3, aftermath=PAST_LEASE):
        network.unplug("south")
        threading.Event().wait(PAST_LEASE)
        network.plug("south")


def _both_worked(world: World) -> None:
    from chaos.project.models import Effect

    hosts = set(Effect.objects.values_list("host", flat=True))
    if hosts != set(HOSTS):
        raise NotStruck(f"only {', '.join(hosts)} did any work")


_NEEDS = needs_root("ip", "unshare")

FAULTS = [
    Fault("two clusters at work", _share, _has_clusters, check=_both_worked, absence=_NEEDS),
    Fault("two clusters, one killed", _lose_one, _has_clusters, absence=_NEEDS),
    Fault("two clusters, one cut off past its lease", _cut_one_off, _has_clusters, absence=_NEEDS),
]
