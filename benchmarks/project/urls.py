"""Clarion's own pages alone: mails link to them."""

from django.urls import include, path

urlpatterns = [path("notifications/", include("clarion.urls"))]
