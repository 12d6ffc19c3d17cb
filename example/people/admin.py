from django.contrib import admin

from people.models import Person


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("name", "email", "language", "is_active")
    list_filter = ("language", "is_active")
    search_fields = ("name", "email")
    autocomplete_fields = ("user",)
