from django.urls import path

from people import views

app_name = "people"
urlpatterns = [
    path("", views.choose, name="choose"),
    path("<int:person_id>/", views.log_in, name="log_in"),
    path("out/", views.log_out, name="log_out"),
]
