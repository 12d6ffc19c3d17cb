import os

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

from clarion.asgi import with_streams

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Here each request has a thread of its own: a connection that is kept could never be used again.
os.environ.setdefault("CLARION_EXAMPLE_CONN_MAX_AGE", "0")

# Static files too: this is an example, without a server before it.
application = with_streams(ASGIStaticFilesHandler(get_asgi_application()))
