"""Log in as any of the seeded people. The URLs exist only while DEBUG is on."""

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from people.models import Person

BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_GET
def log_in_as(request: HttpRequest) -> HttpResponse:
    people = Person.objects.prefetch_related("organisation_roles__organisation").order_by("pk")
    return render(request, "log_in_as.html", {"people": people, "next": request.GET.get("next", "")})


@require_POST
def log_in(request: HttpRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person.objects.select_related("user"), pk=person_id)
    login(request, person.user, backend=BACKEND)
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return redirect("products:list")
    return HttpResponseRedirect(target)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("log_in_as")
