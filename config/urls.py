"""Every address: the API by room, the tracking API, sign-in, the documents, and else the page."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.health import HealthView
from config.page import page, unknown_api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/health/", HealthView.as_view(), name="health"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/", include("common.urls")),
    path("api/", include("accounts.urls")),
    path("api/", include("contacts.urls")),
    path("api/", include("segments.urls")),
    path("api/", include("messaging.urls")),
    path("api/", include("flows.urls")),
    path("", include("contacts.tracking_urls")),
    path("", include("messaging.public_urls")),
    # allauth would sign in by phone too, and falls over where nobody has one.
    re_path(r"^_allauth/browser/v1/(?:account|auth)/phone", unknown_api),
    path("_allauth/", include("allauth.headless.urls")),
    re_path(r"^(?:api|v1|_allauth|ws|static)(?:/|$)", unknown_api),
    re_path(r"^", page, name="page"),
]
