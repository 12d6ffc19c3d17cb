from django.contrib import admin

from products.models import Product, ProductRole


class ProductRoleInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = ProductRole
    extra = 0
    autocomplete_fields = ("person",)


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ("name", "organisation", "person")
    list_select_related = ("organisation", "person")
    list_filter = ("organisation",)
    search_fields = ("name",)
    autocomplete_fields = ("organisation", "person")
    inlines = (ProductRoleInline,)
