from django.contrib import admin

from products.models import Product, ProductRole


class ProductRoleInline(admin.TabularInline[ProductRole, Product]):
    model = ProductRole
    extra = 0
    autocomplete_fields = ("person",)


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin[Product]):
    list_display = ("name", "organisation", "person")
    list_select_related = ("organisation", "person")
    list_filter = ("organisation",)
    search_fields = ("name",)
    autocomplete_fields = ("organisation", "person")
    inlines = (ProductRoleInline,)
