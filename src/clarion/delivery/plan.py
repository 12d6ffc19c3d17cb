"""Plan: what each reader of some news is told on each channel, in which words, and why. It writes nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import timezone

from clarion.channels.base import News
from clarion.database.listed import listed
from clarion.delivery.registry import CHANNELS
from clarion.events import EventTypes
from clarion.models import Cadence, NotificationPreference
from clarion.models.person import Reader
from clarion.preferences.cadence import Digest, may_wait, next_digest
from clarion.preferences.decision import Decision, Reason, decide
from clarion.preferences.mutes import mutes_of
from clarion.rendering.lookup import TemplateShelf
from clarion.rendering.renderer import Content, content_for


class _Choices(NamedTuple):
    """The fields of a preference that matter here. JSON as it is stored: most people's is alike."""

    categories: str
    event_types: str
    cadences: str
    time_zone: str

    def preference(self) -> NotificationPreference:
        """Return what a preference with these fields says."""
        stored = {name: json.loads(getattr(self, name)) for name in _JSON_FIELDS}
        return NotificationPreference(**stored, time_zone=self.time_zone)


_JSON_FIELDS = _Choices._fields[:3]


class _Stance(NamedTuple):
    """What somebody's preference says of an event type."""

    for_event_type: str | None
    for_category: str | None
    digest: Digest | None


class Group(NamedTuple):
    """Readers who get the same news in the same words, for the same reasons."""

    readers: list[Reader]
    outcomes: dict[str, str]
    """By channel, as `NotifiableEvent.outcomes` keeps them."""
    contents: dict[str, Content]
    """By channel; where there is none, they are not told there."""
    digest: Digest | None
    """What their mails wait for; None if they go at once."""

    error: str
    """What was wrong with their templates, a line for each channel; empty if nothing was."""

    @property
    def language(self) -> str:
        """The language they read."""
        return self.readers[0].language


class Planner:
    """Knows of some people and event types all that decisions and texts depend on, in a few queries."""

    def __init__(
        self, readers: Collection[Reader], event_types: Collection[str], subjects: Collection[str]
    ) -> None:
        offered = {name for event_type in event_types for name in EventTypes.get(event_type).channels}
        channels = [channel for channel in CHANNELS if channel.name in offered]
        self._shelves = {
            channel.name: TemplateShelf(channel.template_model, event_types) for channel in channels
        }
        self._refusals = {channel.name: channel.refusals(readers) for channel in channels}
        people = [reader.key for reader in readers]
        self._mutes = mutes_of(people, subjects)
        self._now = timezone.now()
        self._moments: dict[tuple[Cadence, str], datetime] = {}
        every = NotificationPreference.objects.values_list(
            "person_id", *(Cast(name, TextField()) for name in _JSON_FIELDS), "time_zone"
        )
        person = NotificationPreference._meta.get_field("person")
        keys = listed(person, people, every.db)
        self._choices = {key: _Choices(*choices) for key, *choices in every.filter(person_id__in=keys)}

    def groups(self, news: News, readers: Iterable[Reader]) -> Iterator[Group]:
        """Part the readers into those who are alike in all that matters, and plan for each part."""
        stances: dict[_Choices | None, _Stance | None] = {}
        refusals = list(self._refusals.values())
        alike: dict[tuple[Any, ...], list[Reader]] = defaultdict(list)
        for reader in readers:
            key = reader.key
            choices = self._choices.get(key)
            if choices not in stances:
                stances[choices] = self._stance(news, choices)
            stance = stances[choices]
            refused = [refusal.get(key) for refusal in refusals]
            is_muted = (key, news.subject) in self._mutes
            alike[stance, reader.language, reader.is_active, is_muted, *refused].append(reader)
        for (stance, *_), alike_readers in alike.items():
            yield self._plan(news, alike_readers, stance.digest if stance else None)

    def _stance(self, news: News, choices: _Choices | None) -> _Stance | None:
        if choices is None:
            return None
        event_type, preference = EventTypes.get(news.event_type), choices.preference()
        category = event_type.category.name
        cadence = preference.cadence_for(category) if may_wait(event_type) and not news.urgent else None
        return _Stance(
            preference.event_types.get(event_type.name),
            preference.categories.get(category),
            self._digest(cadence, choices.time_zone) if cadence else None,
        )

    def _plan(self, news: News, readers: list[Reader], digest: Digest | None) -> Group:
        outcomes, contents = {}, {}
        for channel in CHANNELS:
            decision = self._decide(news, readers[0], channel.name)
            outcomes[channel.name] = decision.outcome
            if decision.allowed:
                shelf = self._shelves[channel.name]
                contents[channel.name] = content_for(shelf, news.event_type, readers[0].language, news.params)
        problems = {name: content.problem for name, content in contents.items() if content.problem}
        error = "\n".join(f"{name}: {problem}" for name, problem in problems.items())
        return Group(readers, outcomes, contents, digest, error)

    def _decide(self, news: News, reader: Reader, channel: str) -> Decision:
        if news.withdrawal:
            return Decision(False, Reason(news.withdrawal))
        if not reader.is_active:
            return Decision(False, Reason.INACTIVE)
        event_type, preference = EventTypes.get(news.event_type), self._preference_of(reader)
        is_muted = (reader.key, news.subject) in self._mutes
        decision = decide(event_type, preference, channel, is_muted=is_muted)
        refusal = self._refusals[channel].get(reader.key) if decision.allowed else None
        return Decision(False, refusal) if refusal else decision

    def _digest(self, cadence: Cadence, time_zone: str) -> Digest:
        about = (cadence, time_zone)
        if about not in self._moments:
            self._moments[about] = next_digest(*about, self._now)
        return Digest(cadence, self._moments[about])

    def _preference_of(self, reader: Reader) -> NotificationPreference | None:
        choices = self._choices.get(reader.key)
        return choices.preference() if choices else None
