from django.urls import path

from postbox import views

app_name = "postbox"
urlpatterns = [
    path("", views.mail_list, name="list"),
    path("<slug:key>/", views.mail_detail, name="detail"),
    path("<slug:key>/html/", views.mail_html, name="html"),
    path("<slug:key>/raw/", views.mail_raw, name="raw"),
]
