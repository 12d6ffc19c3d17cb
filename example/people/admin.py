from django.contrib import admin

from people.models import Person


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin[Person]):
    list_display = ("name", "email", "language", "is_active")
    list_filter = ("language", "is_active")
    search_fields = ("name", "email")
    autocomplete_fields = ("user",)
