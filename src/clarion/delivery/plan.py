"""Plan: what each reader of some news is told on each channel, in which words, and why. It writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from clarion.channels.base import News
from clarion.delivery.registry import CHANNELS
from clarion.events import EventTypes
from clarion.models import NotificationPreference
from clarion.models.listed import listed
from clarion.models.person import Reader
from clarion.preferences.decision import Decision, Reason, decide
from clarion.preferences.mutes import mutes_of
from clarion.rendering.lookup import TemplateShelf
from clarion.rendering.renderer import Content, content_for


class Audience(NamedTuple):
    """Readers who get the same news in the same words, for the same reasons."""

    readers: list[Reader]
    outcomes: dict[str, str]
    """By channel, as `NotifiableEvent.outcomes` keeps them."""
    contents: dict[str, Content]
    """By channel; where there is none, they are not told there."""

    @property
    def language(self) -> str:
        """The language they read."""
        return self.readers[0].language

    error: str
    """What was wrong with their templates, a line for each channel; empty if nothing was."""


class Planner:
    """Knows of some people and event types all that decisions and texts depend on, in a few queries."""

    def __init__(
        self, readers: Collection[Reader], event_types: Collection[str], subjects: Collection[str]
    ) -> None:
        self._shelves = {
            channel.name: TemplateShelf(channel.template_model, event_types) for channel in CHANNELS
        }
        self._refusals = {channel.name: channel.refusals(readers) for channel in CHANNELS}
        people = [reader.key for reader in readers]
        self._mutes = mutes_of(people, subjects)
        every = NotificationPreference.objects.values_list("person_id", "categories", "event_types")
        person = NotificationPreference._meta.get_field("person")
        keys = listed(person, people, every.db)
        self._choices = {
            key: (categories, event_types)
            for key, categories, event_types in every.filter(person_id__in=keys)
        }

    def audiences(self, news: News, readers: Iterable[Reader]) -> Iterator[Audience]:
        """Part the readers into those who are alike in all that matters, and plan for each part."""
        event_type = EventTypes.get(news.event_type)
        category = event_type.category.name
        alike: dict[tuple[Any, ...], list[Reader]] = defaultdict(list)
        refusals = list(self._refusals.values())
        for reader in readers:
            choices = self._choices.get(reader.key)
            chosen = choices and (choices[0].get(category), choices[1].get(event_type.name))
            refused = [refusal.get(reader.key) for refusal in refusals]
            is_muted = (reader.key, news.subject) in self._mutes
            alike[reader.language, reader.is_active, chosen, is_muted, *refused].append(reader)
        for group in alike.values():
            yield self._plan(news, group)

    def _plan(self, news: News, readers: list[Reader]) -> Audience:
        outcomes, contents = {}, {}
        for channel in CHANNELS:
            decision = self._decide(news, readers[0], channel.name)
            outcomes[channel.name] = decision.outcome
            if decision.allowed:
                shelf = self._shelves[channel.name]
                contents[channel.name] = content_for(shelf, news.event_type, readers[0].language, news.params)
        problems = {name: content.problem for name, content in contents.items() if content.problem}
        error = "\n".join(f"{name}: {problem}" for name, problem in problems.items())
        return Audience(readers, outcomes, contents, error)

    def _decide(self, news: News, reader: Reader, channel: str) -> Decision:
        if news.withdrawal:
            return Decision(False, Reason(news.withdrawal))
        if not reader.is_active:
            return Decision(False, Reason.INACTIVE)
        event_type, preference = EventTypes.get(news.event_type), self._preference_of(reader)
        is_muted = (reader.key, news.subject) in self._mutes
        decision = decide(event_type, preference, channel, is_muted=is_muted)
        refusal = self._refusals[channel].get(reader.key)
        return Decision(False, refusal) if decision.allowed and refusal else decision

    def _preference_of(self, reader: Reader) -> NotificationPreference | None:
        if reader.key not in self._choices:
            return None
        categories, event_types = self._choices[reader.key]
        return NotificationPreference(person_id=reader.key, categories=categories, event_types=event_types)
