from django.urls import path

from products import views

app_name = "products"
urlpatterns = [
    path("", views.product_list, name="list"),
    path("products/new/", views.product_create, name="create"),
    path("products/<int:product_id>/", views.product_detail, name="detail"),
    path("products/<int:product_id>/rename/", views.product_rename, name="rename"),
    path("products/<int:product_id>/delete/", views.product_delete, name="delete"),
]
