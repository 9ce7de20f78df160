"""The addresses of the tracking API, with and without a slash at the end."""

from django.urls import re_path

from contacts import tracking
from contacts.intake.body import CALLS

urlpatterns = [
    re_path(rf"^v1/(?P<name>{'|'.join(CALLS)})/?$", tracking.call, name="track"),
    re_path(
        r"^v1/projects/(?P<key>[^/]{1,200})/settings/?$",
        tracking.browser_settings,
        name="track-settings",
    ),
]
