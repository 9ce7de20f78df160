"""The settings that keep the doors: sign-in, cookies, headers, CSP, limits.

`config.settings` takes every name of this module. What an operator may set (environment):

- `BEHIND_HTTPS=1` when a proxy ends TLS before this server and sets `X-Forwarded-Proto`: cookies
  become Secure, HSTS is sent, http is redirected;
- `TRUSTED_PROXIES`, how many proxies append to `X-Forwarded-For` (0: the header is not believed);
- `TRUSTED_ORIGINS`, further origins (`https://…`, comma-separated) whose pages may post and open
  sockets.
"""

from __future__ import annotations

from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF

env = environ.Env()

BEHIND_HTTPS: bool = env.bool("BEHIND_HTTPS", default=False)

# --- Who signs in -------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]

HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)  # programs use API keys
HEADLESS_FRONTEND_URLS = {
    "account_signup": "/sign-in",
    "account_confirm_email": "/sign-in?confirm={key}",
    "account_reset_password": "/sign-in",
    "account_reset_password_from_key": "/sign-in?reset={key}",
}
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an admin vouches for the address
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",  # the key is the e-mail: five tries in five minutes
    "reauthenticate": "10/m/user",
    "reset_password": "10/m/ip,3/h/key",
    "reset_password_from_key": "10/m/ip",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXIES", default=0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Millrace"

# The throttle counts here. It has to be one store for all web processes, else each of them grants
# its own number of tries: Redis where there is one, else a table.
_REDIS_URL: str = env.str("REDIS_URL", default="")
CACHES: dict[str, Any] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _REDIS_URL}
        if _REDIS_URL
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entry"}
    )
}

# --- Cookies and CSRF ---------------------------------------------------------------------------
SESSION_COOKIE_NAME = "millrace_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEHIND_HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = BEHIND_HTTPS
CSRF_COOKIE_HTTPONLY = False  # the frontend reads it and sends it back as X-CSRFToken
CSRF_TRUSTED_ORIGINS: list[str] = env.list("TRUSTED_ORIGINS", default=[])

# --- Headers ------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^api/health/$"]  # probes speak http to the process itself
    SECURE_HSTS_SECONDS = 365 * 24 * 3600

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # No 'unsafe-inline', no 'unsafe-eval': a script smuggled into a page does not run.
        "script-src": [SELF, NONCE],
        "worker-src": [SELF],
        "style-src": [SELF, NONCE],
        # Attributes only: they carry no script, and previews of e-mails consist of them. A <style>
        # element still needs the nonce.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:", "https:"],  # https: pictures in previews of e-mails
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- Limits -------------------------------------------------------------------------------------
LARGEST_BODY = 64 * 1024 * 1024  # bytes; an import is the largest thing anybody sends
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes of a body that is held in memory
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes; more goes to a temporary file
