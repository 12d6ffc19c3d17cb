from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organisations.models import Organisation
from people.models import Person


class ProductNameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)


class NewProductForm(ProductNameForm):
    def __init__(self, data: Mapping[str, Any] | None, person: Person) -> None:
        super().__init__(data)
        self.fields["organisation"] = forms.ModelChoiceField(
            Organisation.objects.managed_by(person), required=False, label=_("Owner"), empty_label=_("Myself")
        )
