"""The sockets of flows."""

from django.urls import path

from flows.consumers import FlowConsumer

websocket_urlpatterns = [path("ws/flows/<slug:key>/", FlowConsumer.as_asgi())]
