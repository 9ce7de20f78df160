"""What daphne serves: pages and the API over HTTP, live news over WebSocket."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

# Django must be set up before anything that imports models, and this call does it.
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter

from accounts.sockets import guard_sockets
from common.live import listening
from common.routing import websocket_urlpatterns as common_sockets
from flows.routing import websocket_urlpatterns as flow_sockets

sockets: list[Any] = [*common_sockets, *flow_sockets]
application = ProtocolTypeRouter(
    {"http": http, "websocket": guard_sockets(listening(URLRouter(sockets)))}
)
