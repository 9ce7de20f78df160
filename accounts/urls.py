"""The addresses of the accounts room, under `/api/`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts import views

router = SimpleRouter()
router.register("people", views.PeopleView, basename="person")
router.register("keys", views.KeysView, basename="key")
router.register("audit", views.AuditView, basename="audit")

urlpatterns = [
    path("me/", views.MeView.as_view(), name="me"),
    path("workspace/", views.WorkspaceView.as_view(), name="workspace"),
    *router.urls,
]
