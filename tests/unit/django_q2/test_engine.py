"""The Django-Q2 engine: what it hands over, and what it says of a broker that is away."""

from collections.abc import Callable, Iterator

import pytest
from django_q.brokers import Broker

from clarion.bus.hints import Job
from clarion.contrib.django_q2.engine import DjangoQ2Engine
from clarion.exceptions import EngineUnavailable
from tests.unit.django_q2.brokers import AbsentBroker, RememberingBroker

UseBroker = Callable[[type[Broker]], DjangoQ2Engine]


@pytest.fixture
def engine_with(monkeypatch: pytest.MonkeyPatch) -> Iterator[UseBroker]:
    """Make an engine whose broker is of some class."""

    def engine_with(broker: type[Broker]) -> DjangoQ2Engine:
        monkeypatch.setattr("clarion.contrib.django_q2.engine.get_broker", lambda: broker("tests"))
        return DjangoQ2Engine()

    yield engine_with
    RememberingBroker.tasks.clear()


def test_a_hint_is_a_job_and_one_primary_key(engine_with: UseBroker) -> None:
    engine_with(RememberingBroker).enqueue(Job.SEND_EMAILS, 7)

    (task,) = RememberingBroker.tasks
    assert (task["func"], task["args"], task["kwargs"]) == ("clarion.jobs.run", ("send_emails", 7), {})
    assert type(task["args"][0]) is str, "workers with other code than ours can unpack it"
    assert task["name"] == "send_emails 7"


def test_the_backlog_is_what_waits_in_the_broker(engine_with: UseBroker) -> None:
    engine = engine_with(RememberingBroker)
    assert engine.backlog() == 0

    for row_id in (1, 2, 3):
        engine.enqueue(Job.RUN_HANDLER, row_id)

    assert engine.backlog() == 3


@pytest.mark.parametrize(
    "use",
    [lambda engine: engine.enqueue(Job.RUN_HANDLER, 1), DjangoQ2Engine.backlog],
    ids=["enqueue", "backlog"],
)
def test_a_broker_that_is_away_is_named_by_its_error_alone(
    use: Callable[[DjangoQ2Engine], object], engine_with: UseBroker
) -> None:
    with pytest.raises(EngineUnavailable) as caught:
        use(engine_with(AbsentBroker))

    assert str(caught.value) == "ConnectionError from the Django-Q2 broker"
