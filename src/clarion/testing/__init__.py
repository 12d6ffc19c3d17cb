"""The testing kit: for projects that use Clarion, and for Clarion's own tests.

pytest finds the fixtures by itself (`clarion.testing.plugin`). What is exported here works under any test
runner.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clarion.testing.assertions import assert_not_notified, assert_notified
    from clarion.testing.cluster import running_cluster, running_worker
    from clarion.testing.engine_contract import EngineContract, Message, QueueEngineContract
    from clarion.testing.registration import registered, subscribed
    from clarion.testing.transactions import commit
    from clarion.testing.waiting import wait_for_notifications

__all__ = [
    "EngineContract",
    "Message",
    "QueueEngineContract",
    "assert_not_notified",
    "assert_notified",
    "commit",
    "registered",
    "running_cluster",
    "running_worker",
    "subscribed",
    "wait_for_notifications",
]

# pytest imports this package, for the plugin in it, before Django has its settings, and in projects without
# Django too. So nothing is imported until somebody asks for it.
_HOMES = {
    "EngineContract": "engine_contract",
    "Message": "engine_contract",
    "QueueEngineContract": "engine_contract",
    "assert_not_notified": "assertions",
    "assert_notified": "assertions",
    "commit": "transactions",
    "registered": "registration",
    "running_cluster": "cluster",
    "running_worker": "cluster",
    "subscribed": "registration",
    "wait_for_notifications": "waiting",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
