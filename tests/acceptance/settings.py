"""Settings of the example project for tests that break it: a short lease, further apps, any broker.

Environment:
    CLARION_TEST_APPS: dotted paths of further apps, with commas between.
    CLARION_TEST_REDIS: URL of the Redis that is the broker; the database is, by default.
    CLARION_TEST_CLUSTER: the cluster's name, which no other test shares; default `acceptance`.
"""

import os
from datetime import timedelta

from clarion.contrib.django_q2.preset import q_cluster
from config.settings import *  # noqa: F403  # layered settings are made so
from config.settings import CLARION, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, *filter(None, os.environ.get("CLARION_TEST_APPS", "").split(","))]

CLARION = {**CLARION, "LEASE": timedelta(seconds=5)}

# A broker gives a lost task out again after `retry`. That is later here than any test waits, so what recovers
# was recovered by the relay.
Q_CLUSTER = q_cluster(
    os.environ.get("CLARION_TEST_CLUSTER", "acceptance"),
    workers=2,
    timeout=240,
    retry=300,
    poll=0.05,
    log_level="WARNING",
)
if redis := os.environ.get("CLARION_TEST_REDIS"):
    Q_CLUSTER = {**Q_CLUSTER, "orm": None, "redis": redis}
