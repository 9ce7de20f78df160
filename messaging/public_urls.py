"""What the readers of mails see: the way out. Public: the token in the address is the key."""

from django.urls import path

from messaging.way_out import unsubscribe

urlpatterns = [path("u/<str:token>/", unsubscribe, name="unsubscribe")]
