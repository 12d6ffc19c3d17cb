"""The main job, end to end: what happens to a product reaches the right people, as each of them chose."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from tests.acceptance import story
from tests.acceptance.conftest import OpenWorkshop
from tests.acceptance.workshop import Workshop

pytestmark = pytest.mark.acceptance

EVERYONE = ("ada", "bruno", "carla", "dana", "erin", "layla", "gil")


@pytest.fixture
def workshop(open_workshop: OpenWorkshop) -> Workshop:
    """The workshop as it ships: no setting differs from the example's own."""
    workshop = open_workshop({"CLARION_EXAMPLE_URL": "https://workshop.example"})
    workshop.sink.open()
    return workshop


def inboxes(workshop: Workshop) -> dict[str, list[str]]:
    """Return the titles in each inbox that is not empty."""
    titles = {login: [item.title for item in workshop.call(story.inbox, login)] for login in EVERYONE}
    return {login: found for login, found in titles.items() if found}


def mailboxes(workshop: Workshop) -> dict[str, list[str]]:
    """Return the subjects in each mailbox that is not empty."""
    subjects: dict[str, list[str]] = {}
    for mail in workshop.sink.mails:
        subjects.setdefault(login_of(mail), []).append(mail["Subject"])
    return subjects


def login_of(mail: EmailMessage) -> str:
    return parseaddr(mail["To"])[1].removesuffix("@example.org")


def text_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_each_manager_is_told_where_they_chose(workshop: Workshop) -> None:
    with workshop.cluster():
        workshop.call(story.create_products, ["Tide clock"], "ada", "Harbour Works")
        workshop.wait_until_settled()

    # Ada manages in two roles, and as the creator in a third. Carla is a member and manages nothing.
    assert inboxes(workshop) == {
        "ada": ["New product: Tide clock"],
        "layla": ["منتج جديد: \u2068Tide clock\u2069"],
    }
    assert mailboxes(workshop) == {
        "ada": ["New product: Tide clock"],
        "bruno": ["Neues Produkt: Tide clock"],
        "layla": ["منتج جديد: \u2068Tide clock\u2069"],
    }
    assert workshop.call(story.outcomes) == {
        "ada": {"app": "created:category_choice", "email": "created:category_choice"},
        "bruno": {"app": "skipped:category_choice", "email": "created:category_choice"},
        "dana": {"app": "skipped:category_choice", "email": "skipped:category_choice"},
        "layla": {"app": "created:category_choice", "email": "created:category_choice"},
        "gil": {"app": "skipped:inactive", "email": "skipped:inactive"},
    }


def test_a_person_without_preferences_gets_the_defaults_and_the_reason_is_on_record(
    workshop: Workshop,
) -> None:
    with workshop.cluster():
        workshop.call(story.create_products, ["Almanac"], "carla", "Lighthouse Press")
        workshop.wait_until_settled()

    assert inboxes(workshop) == {"carla": ["New product: Almanac"], "erin": ["New product: Almanac"]}
    assert mailboxes(workshop) == {"erin": ["New product: Almanac"]}
    assert workshop.call(story.outcomes)["erin"] == {"app": "created:no_record", "email": "created:no_record"}


def test_a_product_is_followed_from_its_creation_to_its_end(workshop: Workshop) -> None:
    with workshop.cluster():
        (product,) = workshop.call(story.create_products, ["Sundial"], "carla", "Lighthouse Press")
        workshop.wait_until_settled()
        workshop.call(story.rename_product, product, "Moondial")
        workshop.wait_until_settled()
        workshop.call(story.delete_product, product)
        workshop.wait_until_settled()

    assert workshop.call(story.inbox, "erin") == [
        story.Item("Product deleted: Moondial", "Moondial was deleted.", "/"),
        story.Item("Product renamed: Moondial", "Sundial is now called Moondial.", f"/products/{product}/"),
        story.Item("New product: Sundial", "Sundial was created.", f"/products/{product}/"),
    ]
    assert mailboxes(workshop) == {
        "erin": ["New product: Sundial", "Product renamed: Moondial", "Product deleted: Moondial"]
    }


def test_of_a_personal_product_the_owner_is_told_and_nobody_else(workshop: Workshop) -> None:
    with workshop.cluster():
        workshop.call(story.create_products, ["Lamp"], "erin")
        workshop.wait_until_settled()

    assert inboxes(workshop) == mailboxes(workshop) == {"erin": ["New product: Lamp"]}


def test_where_nobody_manages_a_product_the_person_of_the_event_is_told(workshop: Workshop) -> None:
    # Published while the product is Erin's, handled when it belongs to an organisation without managers.
    (product,) = workshop.call(story.create_products, ["Lamp"], "erin")
    workshop.call(story.hand_over_to_an_empty_organisation, product)
    with workshop.cluster():
        workshop.wait_until_settled()

    assert inboxes(workshop) == mailboxes(workshop) == {"erin": ["New product: Lamp"]}


def test_a_mail_as_it_goes_over_the_wire(workshop: Workshop) -> None:
    name = "<b>Tide & clock</b>"
    with workshop.cluster():
        (product,) = workshop.call(story.create_products, [name], "ada", "Harbour Works")
        tally = workshop.wait_until_settled()

    mails = {login_of(mail): mail for mail in workshop.sink.mails}
    ada, bruno, layla = mails["ada"], mails["bruno"], mails["layla"]
    assert str(ada["From"]) == "Workshop <workshop@example.org>"
    assert str(ada["To"]) == "ada@example.org"
    assert str(ada["Subject"]) == f"New product: {name}"
    assert ada["Auto-Submitted"] == "auto-generated"
    assert {mail["Message-ID"] for mail in mails.values()} == tally.message_ids
    assert all(message_id.endswith("@example.org>") for message_id in tally.message_ids)

    assert ada.get_content_type() == "multipart/alternative"
    link = f"https://workshop.example/products/{product}/"
    assert f"the product {name} was created." in text_of(ada, "plain")
    assert link in text_of(ada, "plain")
    markup = text_of(ada, "html")
    assert "the product &lt;b&gt;Tide &amp; clock&lt;/b&gt; was created." in markup
    assert name not in markup
    assert f'<a href="{link}"' in markup

    assert str(bruno["Subject"]) == f"Neues Produkt: {name}"
    assert f"das Produkt {name} wurde angelegt." in text_of(bruno, "plain")
    assert '<html lang="de" dir="ltr">' in text_of(bruno, "html")
    assert str(layla["Subject"]).strip() == f"منتج جديد: \u2068{name}\u2069"
    assert '<html lang="ar" dir="rtl">' in text_of(layla, "html")

    raw = next(raw for raw in workshop.sink.ledger if b"\r\nTo: layla@" in raw)
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii(), "headers are encoded (RFC 2047), so that every server takes them"
