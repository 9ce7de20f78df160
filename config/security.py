"""The settings that keep the doors: sign-in, cookies, headers, CSP, limits.

`config.settings` takes every name of this module. What an operator may set (environment):

- `PUBLIC_URL`, the address that people type. If it is `https://…`, cookies are Secure and HSTS is
  sent;
- `BEHIND_PROXY=1` when a proxy ends TLS before this server and sets `X-Forwarded-Proto` itself:
  http is then redirected to https;
- `TRUSTED_PROXIES`, how many proxies append to `X-Forwarded-For` (0: the header is not believed),
  so that sign-in is throttled by client and not by proxy;
- `CSRF_TRUSTED_ORIGINS`, further origins (`https://…`, comma-separated) whose pages may post and
  open sockets.
"""

from typing import Any

import environ
from csp import constants as csp

_env = environ.Env()

PUBLIC_URL: str = _env.str(
    "PUBLIC_URL", default=f"http://localhost:{_env.int('PORT', default=8000)}"
).rstrip("/")
_IS_HTTPS = PUBLIC_URL.startswith("https://")

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
    "account_confirm_email": f"{PUBLIC_URL}/account/verify-email/{{key}}",
    "account_reset_password": f"{PUBLIC_URL}/account/password/reset",
    "account_reset_password_from_key": f"{PUBLIC_URL}/account/password/reset/{{key}}",
    "account_signup": f"{PUBLIC_URL}/sign-in",
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
ALLAUTH_TRUSTED_PROXY_COUNT: int = _env.int("TRUSTED_PROXIES", default=0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Millrace"

# The throttle counts here. It has to be one store for all web processes, else each of them grants
# its own number of tries: Redis where there is one, else a table.
_REDIS_URL: str = _env.str("REDIS_URL", default="")
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
SESSION_COOKIE_SECURE = _IS_HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600  # seconds
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _IS_HTTPS
CSRF_COOKIE_HTTPONLY = False  # the frontend reads it and sends it back as X-CSRFToken
CSRF_TRUSTED_ORIGINS: list[str] = _env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- Headers ------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _IS_HTTPS else 0
if _env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = _IS_HTTPS
    SECURE_REDIRECT_EXEMPT = [r"^api/health/$"]  # probes speak http to the process itself

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [csp.SELF],
        # No 'unsafe-inline', no 'unsafe-eval': a script smuggled into a page does not run.
        "script-src": [csp.SELF, csp.NONCE],
        "worker-src": [csp.SELF, "blob:"],
        "style-src": [csp.SELF, csp.NONCE],
        # Attributes only: they carry no script, and previews of e-mails consist of them. A <style>
        # element still needs the nonce.
        "style-src-attr": [csp.UNSAFE_INLINE],
        "img-src": [csp.SELF, "data:", "blob:", "https:"],  # https: pictures in previews of e-mails
        "font-src": [csp.SELF, "data:"],
        "connect-src": [csp.SELF],
        "frame-src": [csp.SELF],
        "object-src": [csp.NONE],
        "base-uri": [csp.NONE],
        "form-action": [csp.SELF],
        "frame-ancestors": [csp.NONE],
    }
}

# --- Limits -------------------------------------------------------------------------------------
LARGEST_BODY = 64 * 1024 * 1024  # bytes
LARGEST_BODIES = {"/api/contacts/import/": 513 * 1024 * 1024}  # a file of 512 MB, and what wraps it
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes of a body that is held in memory
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes; more goes to a temporary file
