"""The test project under an ASGI server, with its static files."""

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

from clarion.asgi import with_streams

application = with_streams(ASGIStaticFilesHandler(get_asgi_application()))
