import os

from django.core.asgi import get_asgi_application

from clarion.asgi import with_streams

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Here each request has a thread of its own: a connection that is kept could never be used again.
os.environ.setdefault("CLARION_EXAMPLE_CONN_MAX_AGE", "0")

application = with_streams(get_asgi_application())
