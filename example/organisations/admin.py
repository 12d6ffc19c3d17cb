from django.contrib import admin

from organisations.models import Organisation, OrganisationRole


class OrganisationRoleInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = OrganisationRole
    extra = 0
    autocomplete_fields = ("person",)


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    search_fields = ("name",)
    inlines = (OrganisationRoleInline,)
