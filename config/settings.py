"""Settings, all from the environment; what is not said has a value that is right for `make run`.

`docs/operating.md` lists the variables. There is one file for all places: a laptop, a test and a
production machine differ by their environment alone.
"""

import os
from pathlib import Path
from typing import Any

import environ
import psycopg.conninfo

from config import embedded, secrets
from config.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var"))).resolve()
BIND = env.str("BIND", "127.0.0.1")
PORT = env.int("PORT", 8000)
ENGINES = env.int("ENGINES", min(2, len(os.sched_getaffinity(0))))
DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", True)
DEMO_EMAIL = "demo@example.org"
DEMO_PASSWORD = secrets.kept("demo_password", VAR_DIR, length=9)
SECRET_KEY = env.str("SECRET_KEY", "") or secrets.kept("secret_key", VAR_DIR)
# Secrets in the database are encrypted: the first of these writes, all (and SECRET_KEY) read.
SECRETS_KEYS = env.list("SECRETS_KEYS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

# --- rooms -------------------------------------------------------------------------------------

ROOMS = ["common", "accounts", "contacts", "segments", "messaging", "flows", "demo"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "channels",
    "csp",
    "django_vite",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "procrastinate.contrib.django",
    "rest_framework",
    "config",
    *ROOMS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.RefuseUnsafeInput",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

# --- database, cache, live news ----------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", "") or embedded.database_url(VAR_DIR)


def _database(url: str) -> dict[str, Any]:
    """Turn a libpq address into Django's parts, keeping every option of it."""
    parts = {name: str(value) for name, value in psycopg.conninfo.conninfo_to_dict(url).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "millrace"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", 0),
        "DISABLE_SERVER_SIDE_CURSORS": False,
        "OPTIONS": dict(parts),
    }


DATABASES = {"default": _database(DATABASE_URL)}
DATABASE_POOL = env.int("DATABASE_POOL", 0)
if DATABASE_POOL:
    # Only the web process wants a pool, and a pool wants CONN_MAX_AGE 0 (see manage.py).
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": DATABASE_POOL}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "")
CHANNEL_LAYERS: dict[str, Any] = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
if REDIS_URL:
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }

# --- mail --------------------------------------------------------------------------------------

# Without EMAIL_URL nothing leaves the house: messages can be read in the outbox page.
EMAIL_URL = env.str("EMAIL_URL", "")
EMAIL_CONFIGURED = bool(EMAIL_URL)
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
if EMAIL_CONFIGURED:
    vars().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 30)

# --- calls to other systems --------------------------------------------------------------------

# Addresses in the own network are refused to webhooks: an editor could reach what only this
# machine should. Who trusts their editors, and wants to call a neighbour, allows it.
ALLOW_PRIVATE_WEBHOOKS = env.bool("ALLOW_PRIVATE_WEBHOOKS", False)

# --- who may come in ---------------------------------------------------------------------------

# Sign-in, cookies, headers, CSP, limits: one module keeps them all together.
from config.security import *  # noqa: E402, F403  (all of it is settings)

# --- what the browser loads --------------------------------------------------------------------

STATIC_URL = "/static/"
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Vite has put a hash into its names already.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Served from where they are: `make` has put compressed copies beside those of the frontend.
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+[.-][\w-]{8,12}\.\w+$"
WHITENOISE_AUTOREFRESH = DEBUG
VITE_DEV = env.bool("VITE_DEV", False)
DJANGO_VITE = {
    "default": {
        "dev_mode": VITE_DEV,
        "manifest_path": FRONTEND_DIST / ".vite" / "manifest.json",
    }
}

# --- the API -----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.RolePermission"],
    "DEFAULT_PARSER_CLASSES": ["accounts.parsers.SafeJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "common.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_standardized_errors.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "common.api_errors.Handler",
    "ALLOWED_ERROR_STATUS_CODES": ["400", "401", "403", "404", "409"],
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
    "ERROR_SCHEMAS": {"409": "common.serializers.ConflictResponseSerializer"},
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Millrace",
    "DESCRIPTION": "Contacts, segments, flows and messages.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["accounts.permissions.RolePermission"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        **{
            f"{name}Enum": f"drf_standardized_errors.openapi_serializers.{name}Enum.choices"
            for name in (
                "ValidationError",
                "ClientError",
                "ServerError",
                "ErrorCode401",
                "ErrorCode403",
                "ErrorCode404",
                "ErrorCode405",
                "ErrorCode406",
                "ErrorCode415",
                "ErrorCode429",
                "ErrorCode500",
            )
        },
        **{
            f"{name}Enum": [(value, value.replace("_", " ").title()) for value in values.split()]
            for name, values in {
                "JobStatus": "queued running done failed cancelled",
                "ImportStatus": "ready queued running done failed cancelled",
                "SegmentKind": "static growing dynamic",
                "ScoreRuleKind": "event rule",
                "SegmentStatus": "building ready",
                "FlowStatus": "draft live paused archived",
                "CallStatus": "queued calling done failed cancelled",
                "CallKind": "webhook slack",
                "MessageStatus": "queued sending sent withheld held_back cancelled failed",
            }.items()
        },
        "DedupeKeyEnum": "common.models.Workspace.DedupeKey",
        "FieldTypeEnum": "contacts.models.FieldType",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_standardized_errors.openapi_hooks.postprocess_schema_enums",
    ],
}

# --- times, words, logs ------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en"
LOG_LEVEL = env.str("LOG_LEVEL", "INFO")
LOGGING_CONFIG = None
logging_config(level=LOG_LEVEL, as_json=env.bool("LOG_JSON", False))
