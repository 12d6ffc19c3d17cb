"""Pages to create, rename and delete a product."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from people.access import person_required
from people.models import Person
from products.forms import NewProductForm, ProductNameForm
from products.models import Product
from products.services import ProductManagementService

form_view = require_http_methods(["GET", "HEAD", "POST"])


@require_GET
@person_required
def product_list(request: HttpRequest, person: Person) -> HttpResponse:
    products = Product.objects.visible_to(person).select_related("organisation", "person")
    return render(request, "products/list.html", {"products": products})


@require_GET
@person_required
def product_detail(request: HttpRequest, person: Person, product_id: int) -> HttpResponse:
    visible = Product.objects.visible_to(person).select_related("organisation", "person")
    product = get_object_or_404(visible, pk=product_id)
    roles = product.roles.select_related("person").order_by("person__name", "role")
    managed = Product.objects.managed_by(person).filter(pk=product_id).exists()
    return render(request, "products/detail.html", {"product": product, "roles": roles, "managed": managed})


@form_view
@person_required
def product_create(request: HttpRequest, person: Person) -> HttpResponse:
    form = NewProductForm(request.POST if request.method == "POST" else None, person)
    if not form.is_valid():
        return render(request, "products/create.html", {"form": form})
    product = ProductManagementService.create_product(
        form.cleaned_data, person, organisation=form.cleaned_data["organisation"]
    )
    messages.success(request, _naming(_("{name} was created."), product))
    return redirect(product)


@form_view
@person_required
def product_rename(request: HttpRequest, person: Person, product_id: int) -> HttpResponse:
    product = get_object_or_404(Product.objects.managed_by(person), pk=product_id)
    form = ProductNameForm(request.POST if request.method == "POST" else None, initial={"name": product.name})
    if not form.is_valid():
        return render(request, "products/rename.html", {"form": form, "product": product})
    try:
        product = ProductManagementService.update_product(product, form.cleaned_data, person)
    except Product.DoesNotExist as gone:
        raise Http404("deleted meanwhile") from gone
    messages.success(request, _naming(_("The product is now called {name}."), product))
    return redirect(product)


@form_view
@person_required
def product_delete(request: HttpRequest, person: Person, product_id: int) -> HttpResponse:
    product = get_object_or_404(Product.objects.managed_by(person), pk=product_id)
    if request.method != "POST":
        return render(request, "products/delete.html", {"product": product})
    try:
        ProductManagementService.delete_product(product)
    except Product.DoesNotExist as gone:
        raise Http404("deleted before, as by a double click") from gone
    messages.success(request, _naming(_("{name} was deleted."), product))
    return redirect("products:list")


def _naming(sentence: str, product: Product) -> str:
    """The sentence with the product's name, which may run in the other direction."""
    return format_html(sentence, name=format_html("<bdi>{}</bdi>", product.name))
