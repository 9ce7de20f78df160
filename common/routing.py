"""The sockets of this room."""

from typing import Any

from django.urls import path

from common.consumers import JobConsumer

follow_job: Any = JobConsumer.as_asgi()  # `path` is typed for views alone
websocket_urlpatterns = [path("ws/jobs/<uuid:job_id>/", follow_job)]
