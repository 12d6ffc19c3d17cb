"""`{% clarion_bell %}`: on any page, for anyone."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from tests.integration.inbox.items import give

BELL = Template("{% load clarion %}{% clarion_bell %}")


def ring(user: User | AnonymousUser) -> str:
    """Render the bell as this user sees it."""
    request = RequestFactory().get("/anywhere/")
    request.user = user
    return BELL.render(RequestContext(request))


def name_of(bell: str) -> str:
    found = re.search(r'<a [^>]*aria-label="([^"]+)"', bell)
    assert found
    return found[1]


def test_the_bell_leads_to_the_inbox_and_counts_what_is_unread(alice: User) -> None:
    give(alice, 3)
    bell = ring(alice)
    assert 'href="/notifications/"' in bell
    assert 'aria-hidden="true">3</span>' in bell
    assert name_of(bell) == "Notifications, 3 unread"


def test_the_bell_counts_neither_what_is_read_nor_what_others_have(alice: User, bob: User) -> None:
    (item,) = give(alice)
    item.mark_as_read()
    give(bob, 2)
    assert 'aria-hidden="true" hidden>0</span>' in ring(alice)
    assert name_of(ring(alice)) == "Notifications, none unread"


@pytest.mark.parametrize(
    ("count", "badge", "name"),
    [
        (1, "1", "Notifications, 1 unread"),
        (99, "99", "Notifications, 99 unread"),
        (100, "99+", "Notifications, more than 99 unread"),
        (250, "99+", "Notifications, more than 99 unread"),
    ],
)
def test_the_bell_stops_counting_at_99(alice: User, count: int, badge: str, name: str) -> None:
    give(alice, count)
    assert f">{badge}</span>" in ring(alice)
    assert name_of(ring(alice)) == name


@pytest.mark.parametrize("count", [0, 1, 2, 5, 11, 100])
@pytest.mark.parametrize("language", ["de", "ar"])
def test_the_name_of_the_bell_is_translated_in_every_plural(alice: User, language: str, count: int) -> None:
    give(alice, count)
    with translation.override(language):
        assert not re.search("unread|Notifications", name_of(ring(alice)))


def test_the_bell_costs_one_query(alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    give(alice, 120)
    with django_assert_num_queries(1):
        ring(alice)


def test_visitors_see_no_bell(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert ring(AnonymousUser()).strip() == ""


def test_a_page_without_a_request_has_no_bell_and_does_not_fail() -> None:
    assert BELL.render(Context()).strip() == ""
    assert BELL.render(RequestContext(RequestFactory().get("/"))).strip() == ""
