"""All configuration of the Django side. The only file of `sahur` that reads the environment.

A value may also come from a file: `NAME_FILE=/run/secrets/name` (Docker and Kubernetes secrets). `make run` writes its
values to `.sahur/env`, which is read where `DATABASE_URL` is not set. Every variable is documented in README.md.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


class _Environment(environ.FileAwareEnv):  # type: ignore[misc]
    """Names the variable whose value is no number; secrets are texts and never come into that sentence."""

    def int(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._number(super().int, var, default, "a whole number, such as 40")

    def float(self, var: str, default: Any = environ.Env.NOTSET) -> Any:
        return self._number(super().float, var, default, "a number, such as 1.5")

    def _number(self, read: Any, var: str, default: Any, expected: str) -> Any:
        try:
            return read(var, default)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} must be {expected}, but is {os.environ.get(var)!r}.") from error


env = _Environment()
BASE_DIR = Path(__file__).resolve().parent.parent
# Everything that the embedded system keeps; another folder is another system.
EMBEDDED_DIR = Path(env.str("SAHUR_EMBEDDED_DIR", default="") or BASE_DIR / ".sahur").absolute()
# With a database of its own in the environment, this process belongs to a system that somebody else runs.
IS_EMBEDDED = "DATABASE_URL" not in os.environ
if IS_EMBEDDED and (EMBEDDED_DIR / "env").exists():
    environ.FileAwareEnv.read_env(EMBEDDED_DIR / "env")

# --- Core ---------------------------------------------------------------------------------------------------------
# No default on purpose in production; without DEBUG an unset key must stop the start, not weaken it.
DEBUG = env.bool("SAHUR_DEBUG", default=False)
_NO_KEY = environ.Env.NOTSET if "DATABASE_URL" in os.environ else "only-to-import-the-settings"
SECRET_KEY = env.str("SAHUR_SECRET_KEY", default=_NO_KEY)
# What stored secrets are sealed with: the first seals, each opens (`manage.py reseal_secrets` after a new first one).
ENCRYPTION_KEYS = [*env.list("SAHUR_ENCRYPTION_KEYS", default=[]), SECRET_KEY]
PUBLIC_URL = env.str("SAHUR_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("SAHUR_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
TRUSTED_ORIGINS = env.list("SAHUR_TRUSTED_ORIGINS", default=[PUBLIC_URL])
IS_HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "sahur.accounts",
    "sahur.issues",
    "sahur.batch",
    "sahur.api",
    "sahur.websockets",
    "sahur.slack",
    "sahur.embedded",
    "axes",
    "channels",
    "corsheaders",
    "drf_spectacular",
    "rest_framework",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "sahur.api.middleware.TraceMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "sahur.api.middleware.ContentSecurityPolicyMiddleware",
    "sahur.api.frontend.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sahur.api.middleware.OneTimePasswordMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "sahur.urls"
ASGI_APPLICATION = "sahur.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

# --- PostgreSQL and Redis/Valkey ----------------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", default="postgresql:///sahur")
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 5
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# A pool per process, opened after fork; views and sockets give their connection back at once.
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 0, "max_size": env.int("SAHUR_DATABASE_POOL", default=16), "timeout": 15}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "sahur",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}
CHANNEL_LAYERS = {
    "default": {
        # Carries only "X has news"; redis-py's own limit of 100 connections refuses the 101st socket.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "max_connections": 1000}], "prefix": "sahur"},
    }
}

# --- Celery: a message is a hint (run_id) that may be lost or doubled ---------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "health_check_interval": 10,
    "priority_steps": [0, 3, 6, 9],
    "queue_order_strategy": "priority",
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "batch"
CELERY_TASK_ROUTES = {
    "sahur.batch.tasks.deliver_effect": {"queue": "effects"},
    "sahur.batch.tasks.prepare_repository": {"queue": "index"},
    "sahur.batch.tasks.remove_repository": {"queue": "index"},
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SEND_SENT_EVENT = True
CELERY_WORKER_SEND_TASK_EVENTS = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Celery would close the whole pool before and after each task, and so connect anew some six times a run.
CELERY_DB_REUSE_MAX = 2**62

# --- Run engine (seconds) -----------------------------------------------------------------------------------------
RUN_LEASE_SECONDS = env.float("SAHUR_RUN_LEASE_SECONDS", default=30.0)
# A process that stands still inside a transaction keeps its locks; PostgreSQL takes them away when its lease is over.
_IDLE_MS = int(RUN_LEASE_SECONDS * 1000)
DATABASE_SESSION = (
    f"{DATABASES['default']['OPTIONS'].get('options', '')} -c idle_in_transaction_session_timeout={_IDLE_MS}".strip()
)
DATABASES["default"]["OPTIONS"]["options"] = DATABASE_SESSION
RUN_STAGE_SECONDS = env.float("SAHUR_RUN_STAGE_SECONDS", default=1800.0)
RUN_RESEND_SECONDS = env.float("SAHUR_RUN_RESEND_SECONDS", default=15.0)
RUN_MAX_CRASHES = 3
RUN_TEAM_CONCURRENCY = env.int("SAHUR_RUN_TEAM_CONCURRENCY", default=50)
EFFECT_LEASE_SECONDS = env.float("SAHUR_EFFECT_LEASE_SECONDS", default=60.0)
REAPER_SECONDS = env.float("SAHUR_REAPER_SECONDS", default=5.0)

# --- Gateway ------------------------------------------------------------------------------------------------------
MCP_URL = env.str("SAHUR_MCP_URL", default="http://127.0.0.1:8100/mcp")
# Ed25519 private key (PEM) that signs one token per attempt; the gateway holds only the public half.
TOKEN_PRIVATE_KEY = env.str("SAHUR_TOKEN_PRIVATE_KEY", default="").replace("\\n", "\n")
INTERNAL_TOKEN = env.str("SAHUR_INTERNAL_TOKEN", default="")

# --- Models (README: how to connect a model) ----------------------------------------------------------------------
MODEL = env.str("SAHUR_MODEL", default="")
MODEL_BASE_URL = env.str("SAHUR_MODEL_BASE_URL", default="")
MODEL_API_KEY = env.str("SAHUR_MODEL_API_KEY", default="")
MODEL_TIMEOUT_SECONDS = env.float("SAHUR_MODEL_TIMEOUT_SECONDS", default=120.0)
MODEL_MAX_ANSWER_TOKENS = env.int("SAHUR_MODEL_MAX_ANSWER_TOKENS", default=8192)
MODEL_FAST = env.str("SAHUR_MODEL_FAST", default="") or MODEL
MODEL_FAST_BASE_URL = env.str("SAHUR_MODEL_FAST_BASE_URL", default="")
MODEL_FAST_API_KEY = env.str("SAHUR_MODEL_FAST_API_KEY", default="")
MODEL_FAST_TIMEOUT_SECONDS = env.float("SAHUR_MODEL_FAST_TIMEOUT_SECONDS", default=MODEL_TIMEOUT_SECONDS)
MODEL_FAST_MAX_ANSWER_TOKENS = env.int("SAHUR_MODEL_FAST_MAX_ANSWER_TOKENS", default=MODEL_MAX_ANSWER_TOKENS)
# provider:model, or provider:model@https://its-server/v1, in the order in which they are asked.
MODEL_FALLBACKS = env.list("SAHUR_MODEL_FALLBACKS", default=[])
# Written as the fallbacks are: what people may have an issue investigated with once more, beside the models above.
MODEL_CHOICES = env.list("SAHUR_MODEL_CHOICES", default=[])
# vendor=key, or host=key for a server of one's own.
MODEL_KEYS = env.list("SAHUR_MODEL_KEYS", default=[])
MAX_STEPS = env.int("SAHUR_MAX_STEPS", default=40)
MAX_TOOLS = env.int("SAHUR_MAX_TOOLS", default=40)
INPUT_REQUEST_HOURS = env.float("SAHUR_INPUT_REQUEST_HOURS", default=24.0)
APPROVAL_HOURS = env.float("SAHUR_APPROVAL_HOURS", default=INPUT_REQUEST_HOURS)
# Whoever reported something waits for an answer meanwhile, so a run does not wait all day to hear that it may spend more.
BUDGET_REQUEST_HOURS = env.float("SAHUR_BUDGET_REQUEST_HOURS", default=min(2.0, INPUT_REQUEST_HOURS))

# --- Budgets (docs/budgets.md): 0 is no limit; a team's own go before these ----------------------------------------
BUDGET_RUN_TOKENS = env.int("SAHUR_BUDGET_RUN_TOKENS", default=3_000_000)
BUDGET_RUN_COST_USD = env.float("SAHUR_BUDGET_RUN_COST_USD", default=5.0)
BUDGET_RUN_TOOL_CALLS = env.int("SAHUR_BUDGET_RUN_TOOL_CALLS", default=300)
BUDGET_RUN_SECONDS = env.float("SAHUR_BUDGET_RUN_SECONDS", default=3600.0)
BUDGET_DAY_TOKENS = env.int("SAHUR_BUDGET_DAY_TOKENS", default=0)
BUDGET_DAY_COST_USD = env.float("SAHUR_BUDGET_DAY_COST_USD", default=100.0)
BUDGET_DAY_TOOL_CALLS = env.int("SAHUR_BUDGET_DAY_TOOL_CALLS", default=0)
BUDGET_DAY_SECONDS = env.float("SAHUR_BUDGET_DAY_SECONDS", default=0.0)
MAX_REPORT_CHARS = env.int("SAHUR_MAX_REPORT_CHARS", default=200_000)

# --- Repositories -------------------------------------------------------------------------------------------------
REPOSITORY_DIR = Path(env.str("SAHUR_REPOSITORY_DIR", default=str(EMBEDDED_DIR / "repositories")))
REPOSITORY_ROOTS = [Path(root) for root in env.list("SAHUR_REPOSITORY_ROOTS", default=[])]
REPOSITORY_PRIVATE_HOSTS = env.list("SAHUR_REPOSITORY_PRIVATE_HOSTS", default=[])
# Names of the hosts that have a volume of repositories each; none: one volume for all, and the queue `index`.
INDEX_HOSTS = env.list("SAHUR_INDEX_HOSTS", default=[]) or [""]
INDEX_LEASE_SECONDS = env.float("SAHUR_INDEX_LEASE_SECONDS", default=RUN_LEASE_SECONDS)

# --- Slack --------------------------------------------------------------------------------------------------------
SLACK_BOT_TOKEN = env.str("SLACK_BOT_TOKEN", default="")
SLACK_SIGNING_SECRET = env.str("SLACK_SIGNING_SECRET", default="")
SLACK_APP_TOKEN = env.str("SLACK_APP_TOKEN", default="")
# Of an app that is installed over OAuth, in any number of workspaces.
SLACK_CLIENT_ID = env.str("SLACK_CLIENT_ID", default="")
SLACK_CLIENT_SECRET = env.str("SLACK_CLIENT_SECRET", default="")
SLACK_API_URL = env.str("SLACK_API_URL", default="https://slack.com/api/")
SLACK_TEAM_KEY = env.str("SAHUR_SLACK_TEAM", default="SAH")
# What people without an account may do in the workspace of SLACK_BOT_TOKEN; of others it is set on the page.
SLACK_GUEST_ROLE = env.str("SAHUR_SLACK_GUEST_ROLE", default="responder")
if SLACK_GUEST_ROLE not in ("", "viewer", "responder"):
    raise ImproperlyConfigured(f"SAHUR_SLACK_GUEST_ROLE must be viewer, responder or empty, but is {SLACK_GUEST_ROLE!r}.")
SLACK_LINK_BY_EMAIL = env.bool("SAHUR_SLACK_LINK_BY_EMAIL", default=True)
# So many posts of an alert channel start a run within an hour; further ones are told once.
SLACK_ALERTS_PER_HOUR = env.int("SAHUR_SLACK_ALERTS_PER_HOUR", default=30)
# How long a report waits for somebody to say whether it joins the investigation of the same problem; 0: nobody is asked.
JOIN_OFFER_SECONDS = env.float("SAHUR_JOIN_OFFER_SECONDS", default=120.0)

# --- Safety (docs/safety.md) --------------------------------------------------------------------------------------
# Hosts whose addresses a model may repeat as links; addresses of any other host are shown, but cannot be clicked.
LINK_HOSTS = env.list(
    "SAHUR_LINK_HOSTS",
    default=["github.com", "gitlab.com", "bitbucket.org", "sentry.io", "slack.com", "atlassian.net", "linear.app"],
)
KNOWN_SECRETS = [
    *ENCRYPTION_KEYS, TOKEN_PRIVATE_KEY, INTERNAL_TOKEN, SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_APP_TOKEN,
    SLACK_CLIENT_SECRET,
    MODEL_API_KEY, MODEL_FAST_API_KEY, *(entry.partition("=")[2] for entry in MODEL_KEYS),
]  # fmt: skip

# --- Flower, behind our own door ----------------------------------------------------------------------------------
FLOWER_URL = env.str("SAHUR_FLOWER_URL", default="http://127.0.0.1:5555")

# --- Sign-in, sessions, cookies -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "sahur.api.throttles.client_address"
AXES_LOCKOUT_CALLABLE = "sahur.api.errors.lockout_response"
SESSION_COOKIE_NAME = "__Host-sahur_session" if IS_HTTPS else "sahur_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = "sahur_csrf"
CSRF_TRUSTED_ORIGINS = TRUSTED_ORIGINS
CSRF_FAILURE_VIEW = "sahur.api.errors.csrf_failure"
# Pages of the other trusted origins may use the API with their cookies; each origin is compared as a whole.
CORS_ALLOWED_ORIGINS = [origin for origin in TRUSTED_ORIGINS if origin != PUBLIC_URL]
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "idempotency-key", "traceparent", "x-csrftoken"]
CORS_EXPOSE_HEADERS = ["retry-after", "traceparent"]
BEHIND_PROXY = env.bool("SAHUR_BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "/login/"

# --- REST ---------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "sahur.api.authentication.ApiTokenAuthentication",
        "sahur.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["sahur.api.authentication.PasswordIsOwn"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["sahur.api.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["sahur.api.throttles.UserThrottle", "sahur.api.throttles.AnonThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "user": env.str("SAHUR_THROTTLE_USER", default="1200/min"),
        "anon": env.str("SAHUR_THROTTLE_ANON", default="60/min"),
        "login": env.str("SAHUR_THROTTLE_LOGIN", default="20/min"),
        "agent": env.str("SAHUR_THROTTLE_AGENT", default="30/min"),
        "webhook_fault": env.str("SAHUR_THROTTLE_WEBHOOK_FAULT", default="30/min"),
        "recheck": env.str("SAHUR_THROTTLE_RECHECK", default="20/min"),
        "similar": env.str("SAHUR_THROTTLE_SIMILAR", default="120/min"),
        "people": "20/min",
        "slack_check": "10/min",
        "export": "10/min",
    },
    # How many proxies of ours add to X-Forwarded-For; what others wrote into it counts for nothing.
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    "EXCEPTION_HANDLER": "sahur.api.errors.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "SAHUR API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/",
    "COMPONENT_SPLIT_REQUEST": True,
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": ["sahur.api.openapi.tell_problems"],
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

# --- Static files: Django's own and the exported frontend ---------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("SAHUR_STATIC_ROOT", default=str(EMBEDDED_DIR / "static")))
FRONTEND_DIR = Path(env.str("SAHUR_FRONTEND_DIR", default=str(BASE_DIR / "frontend" / "out")))
WHITENOISE_USE_FINDERS = True

# --- Logging: one line a record, the trace id in each --------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"trace": {"()": "sahur_core.trace.TraceFilter"}},
    "formatters": {
        "line": {
            "class": "sahur_core.trace.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s [%(trace_id)s] %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["trace"]}},
    "loggers": {
        # Each of their requests is a line of its own at INFO, and tells nothing that the receipts do not.
        "httpx": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        # One line per connection and try while PostgreSQL is away; whoever needs it says so itself.
        "psycopg.pool": {"level": "ERROR"},
    },
    "root": {"handlers": ["console"], "level": env.str("SAHUR_LOG_LEVEL", default="INFO")},
}

# --- Effects: the part of the kind before the dot, and the module that delivers it --------------------------------
EFFECT_HANDLERS = {"slack": "sahur.slack.delivery"}
