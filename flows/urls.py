"""`/api/flows/`, `/api/node-types/`, and a contact's visits."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from flows.api.alerts import AlertsView, RetryAsideView, SetAsideView
from flows.api.backtests import BacktestsView, BacktestView
from flows.api.editions import (
    DifferenceView,
    PublishPreviewView,
    RestoreView,
    RollbackView,
    UnpublishView,
)
from flows.api.failures import FailuresView, RetryView, SkipView
from flows.api.gallery import GalleryView, UseTemplateView
from flows.api.home import HomeView
from flows.api.results import ResultsView, SeriesView, VisitView
from flows.api.simulations import SimulateView
from flows.api.views import ContactVisitsView, FlowViewSet, NodeTypesView
from flows.api.visits import GoOnView, MoveView, RemoveView

router = SimpleRouter(use_regex_path=False)
router.register("flows", FlowViewSet, basename="flow")

urlpatterns = [
    *router.urls,
    path("flows/<slug:key>/diff/", DifferenceView.as_view(), name="flow-diff"),
    path("flows/<slug:key>/publish/preview/", PublishPreviewView.as_view(), name="flow-preview"),
    path("flows/<slug:key>/rollback/", RollbackView.as_view(), name="flow-rollback"),
    path("flows/<slug:key>/unpublish/", UnpublishView.as_view(), name="flow-unpublish"),
    path(
        "flows/<slug:key>/versions/<int:number>/restore/",
        RestoreView.as_view(),
        name="flow-restore",
    ),
    path("flows/<slug:key>/backtest/", BacktestView.as_view(), name="flow-backtest"),
    path("flows/<slug:key>/backtests/", BacktestsView.as_view(), name="flow-backtests"),
    path("flows/<slug:key>/simulate/", SimulateView.as_view(), name="flow-simulate"),
    path("flows/<slug:key>/failures/", FailuresView.as_view(), name="flow-failures"),
    path("flows/<slug:key>/failures/retry/", RetryView.as_view(), name="flow-retry"),
    path("flows/<slug:key>/failures/skip/", SkipView.as_view(), name="flow-skip"),
    path("flows/<slug:key>/remove/", RemoveView.as_view(), name="flow-remove"),
    path("flows/<slug:key>/move/", MoveView.as_view(), name="flow-move"),
    path("flows/<slug:key>/go-on/", GoOnView.as_view(), name="flow-go-on"),
    path("flows/<slug:key>/series/", SeriesView.as_view(), name="flow-series"),
    path("flows/<slug:key>/results/", ResultsView.as_view(), name="flow-results"),
    path("visits/<int:visit_id>/", VisitView.as_view(), name="visit"),
    path("home/", HomeView.as_view(), name="home"),
    path("gallery/", GalleryView.as_view(), name="gallery"),
    path("gallery/<slug:key>/use/", UseTemplateView.as_view(), name="gallery-use"),
    path("alerts/", AlertsView.as_view(), name="alerts"),
    path("set-aside/", SetAsideView.as_view(), name="set-aside"),
    path("set-aside/retry/", RetryAsideView.as_view(), name="set-aside-retry"),
    path("node-types/", NodeTypesView.as_view(), name="node-types"),
    path("contacts/<int:contact_id>/visits/", ContactVisitsView.as_view(), name="contact-visits"),
]
