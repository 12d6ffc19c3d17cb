from django.contrib import admin

from organisations.models import Organisation, OrganisationRole


class OrganisationRoleInline(admin.TabularInline[OrganisationRole, Organisation]):
    model = OrganisationRole
    extra = 0
    autocomplete_fields = ("person",)


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin[Organisation]):
    search_fields = ("name",)
    inlines = (OrganisationRoleInline,)
