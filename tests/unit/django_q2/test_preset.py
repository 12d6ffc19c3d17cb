"""The preset: settings of Django-Q2 under which it keeps its side."""

from clarion.contrib.django_q2.preset import q_cluster


def test_tasks_are_in_the_database_and_are_tried_a_bounded_number_of_times() -> None:
    preset = q_cluster()

    assert preset["name"] == "clarion"
    assert preset["orm"] == "default"
    assert 0 < preset["timeout"] < preset["retry"]
    assert preset["max_attempts"] > 0
    assert preset["save_limit"] == -1, "no rows are kept of successes"


def test_a_project_may_override_anything() -> None:
    preset = q_cluster("shop", workers=4, timeout=30, orm="queue")

    assert (preset["name"], preset["workers"], preset["timeout"], preset["orm"]) == ("shop", 4, 30, "queue")
    assert preset["max_attempts"] == q_cluster()["max_attempts"], "and the rest stays"


def test_each_project_gets_a_preset_of_its_own() -> None:
    q_cluster()["workers"] = 40

    assert "workers" not in q_cluster()
