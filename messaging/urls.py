"""`/api/templates/`, `/api/messages/`, `/api/calls/`, and the secret that calls are signed with."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from messaging.call_views import CallViewSet, WebhookSecretView
from messaging.retry_views import RetryMessagesView, RetryMessageView
from messaging.views import MessageViewSet, TemplateViewSet

router = SimpleRouter(use_regex_path=False)
router.register("templates", TemplateViewSet, basename="template")
router.register("messages", MessageViewSet, basename="message")
router.register("calls", CallViewSet, basename="call")

urlpatterns = [
    path("workspace/webhook-secret/", WebhookSecretView.as_view(), name="webhook-secret"),
    path("messages/retry/", RetryMessagesView.as_view(), name="messages-retry"),
    path("messages/<int:pk>/retry/", RetryMessageView.as_view(), name="message-retry"),
    *router.urls,
]
