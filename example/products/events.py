"""What happens to products, and how people are told."""

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

from clarion.events import AppText, Category, EmailText, EventType, EventTypes

PRODUCT = Category("product", _("Products"))


class ProductPayload(BaseModel):
    """The product and its owner at the time of the event; one of the two owner ids is None."""

    product_id: int
    organisation_id: int | None
    person_id: int | None
    name: str
    url: str


class ProductUpdatedPayload(ProductPayload):
    old_name: str
    renamed_by: str = ""


class ProductDeletedPayload(ProductPayload):
    """A deleted product takes its roles with it, so the event remembers who managed it."""

    manager_ids: list[int]


EventTypes.register(
    EventType(
        name="product.created",
        display_name=_("Product created"),
        category=PRODUCT,
        payload=ProductPayload,
        subject="product:{product_id}",
        texts=(
            AppText(title="New product: {name}", message="{name} was created."),
            AppText(locale="de", title="Neues Produkt: {name}", message="{name} wurde angelegt."),
            AppText(locale="ar", title="منتج جديد: {name}", message="تم إنشاء المنتج {name}."),
            EmailText(
                title="New product: {name}",
                template="Hello,\n\nthe product {name} was created.\n",
            ),
            EmailText(
                locale="de",
                title="Neues Produkt: {name}",
                template="Guten Tag,\n\ndas Produkt {name} wurde angelegt.\n",
            ),
            EmailText(
                locale="ar",
                title="منتج جديد: {name}",
                template="مرحبًا،\n\nتم إنشاء المنتج {name}.\n",
            ),
        ),
    )
)

EventTypes.register(
    EventType(
        name="product.updated",
        display_name=_("Product updated"),
        category=PRODUCT,
        payload=ProductUpdatedPayload,
        subject="product:{product_id}",
        group_by="type",
        actor="renamed_by",
        texts=(
            AppText(
                title="Product renamed: {name}",
                message="{old_name} is now called {name}.",
                group="{people} renamed products",
            ),
            AppText(
                locale="de",
                title="Produkt umbenannt: {name}",
                message="{old_name} heißt jetzt {name}.",
                group="Produkte umbenannt von {people}",
            ),
            AppText(
                locale="ar",
                title="تغيّر اسم المنتج: {name}",
                message="أصبح اسم المنتج {old_name} الآن {name}.",
                group="تغيّرت أسماء منتجات بواسطة {people}",
            ),
            EmailText(
                title="Product renamed: {name}",
                template="Hello,\n\nthe product {old_name} is now called {name}.\n",
            ),
            EmailText(
                locale="de",
                title="Produkt umbenannt: {name}",
                template="Guten Tag,\n\ndas Produkt {old_name} heißt jetzt {name}.\n",
            ),
            EmailText(
                locale="ar",
                title="تغيّر اسم المنتج: {name}",
                template="مرحبًا،\n\nأصبح اسم المنتج {old_name} الآن {name}.\n",
            ),
        ),
    )
)

EventTypes.register(
    EventType(
        name="product.deleted",
        display_name=_("Product deleted"),
        category=PRODUCT,
        payload=ProductDeletedPayload,
        subject="product:{product_id}",
        texts=(
            AppText(title="Product deleted: {name}", message="{name} was deleted."),
            AppText(locale="de", title="Produkt gelöscht: {name}", message="{name} wurde gelöscht."),
            AppText(locale="ar", title="حُذف المنتج: {name}", message="تم حذف المنتج {name}."),
            EmailText(
                title="Product deleted: {name}",
                template="Hello,\n\nthe product {name} was deleted.\n",
            ),
            EmailText(
                locale="de",
                title="Produkt gelöscht: {name}",
                template="Guten Tag,\n\ndas Produkt {name} wurde gelöscht.\n",
            ),
            EmailText(
                locale="ar",
                title="حُذف المنتج: {name}",
                template="مرحبًا،\n\nتم حذف المنتج {name}.\n",
            ),
        ),
    )
)
