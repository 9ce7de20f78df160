"""`/api/templates/` and `/api/messages/`."""

from rest_framework.routers import SimpleRouter

from messaging.views import MessageViewSet, TemplateViewSet

router = SimpleRouter(use_regex_path=False)
router.register("templates", TemplateViewSet, basename="template")
router.register("messages", MessageViewSet, basename="message")

urlpatterns = router.urls
