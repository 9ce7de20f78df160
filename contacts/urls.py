"""The room's addresses under `/api/`."""

from rest_framework.routers import SimpleRouter

from contacts import views

router = SimpleRouter()
router.register("contacts", views.ContactViewSet, basename="contact")
router.register("fields", views.FieldViewSet, basename="field")
router.register("sources", views.SourceViewSet, basename="source")
router.register("rejected", views.RejectedViewSet, basename="rejected")
router.register("topics", views.TopicViewSet, basename="topic")

urlpatterns = router.urls
