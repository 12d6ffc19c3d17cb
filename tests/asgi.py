"""The test project under an ASGI server."""

from django.core.asgi import get_asgi_application

from clarion.asgi import with_streams

application = with_streams(get_asgi_application())
