"""The sockets of flows."""

from typing import Any

from django.urls import path

from flows.consumers import FlowConsumer

# An ASGI application, where Django's types know only views.
_flow: Any = FlowConsumer.as_asgi()

websocket_urlpatterns = [path("ws/flows/<slug:key>/", _flow)]
