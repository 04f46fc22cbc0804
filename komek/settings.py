"""Settings, all from the environment. A missing production value stops the start with a sentence that names it.

Without Twilio, tiles, mail or the internet, everything here still works: those are extras that are switched on by setting them.
"""

from __future__ import annotations

import os
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import environ
from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from pythonjsonlogger.core import RESERVED_ATTRS

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DATA_DIR = Path(env("KOMEK_DATA_DIR", default=str(BASE_DIR / "var")))
DEBUG: bool = env.bool("KOMEK_DEBUG", default=False)
PORT: int = env.int("PORT", default=8000)
# How many proxies of ours stand in front; with 0 nobody's X-Forwarded-For is believed.
PROXIES: int = env.int("KOMEK_PROXIES", default=0)
# Without it no message carries an address: nobody else's "localhost" is this machine.
HAS_PUBLIC_URL: bool = bool(env("KOMEK_PUBLIC_URL", default=""))
PUBLIC_URL: str = env("KOMEK_PUBLIC_URL", default=f"http://localhost:{PORT}").rstrip("/")


def _secret_key() -> str:
    """The signing key: from the environment, else the file that ``bin/run`` makes once and keeps private."""
    value: str = env("KOMEK_SECRET_KEY", default="")
    file = DATA_DIR / "secret_key"
    if not value and file.is_file():
        value = file.read_text().strip()
    if not value and DEBUG:
        value = "only-for-development-and-tests"
    if not value:
        raise ImproperlyConfigured(
            f"KOMEK_SECRET_KEY is not set and {file} does not exist. Set it to a long random text, or start with bin/run."
        )
    return value


SECRET_KEY = _secret_key()
ALLOWED_HOSTS: list[str] = env.list(
    "KOMEK_ALLOWED_HOSTS", default=["*"] if PUBLIC_URL.startswith("http://localhost") else []
)
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("KOMEK_ALLOWED_HOSTS is not set. Name the hosts this system answers for, with commas.")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
_is_https = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
if _is_https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31536000
CSRF_FAILURE_VIEW = "komek.web.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

# Registries an organisation may switch off, one by one; everything else goes on working. The others stand on the
# organisation registry, which therefore always stays. One that did not come with this copy of Komek is not listed.
BASE_REGISTRY = "orgs"


def _has_come_along(registry: str) -> bool:
    return find_spec(registry) is not None and find_spec(f"{registry}.apps") is not None


ALL_REGISTRIES: list[str] = [
    name
    for name in ("aid_requests", "camps", "missing_persons", "volunteers", "inventory", "situation_map")
    if _has_come_along(name)
]
_asked_for: list[str] = [name.strip() for name in env.list("KOMEK_REGISTRIES", default=ALL_REGISTRIES) if name.strip()]
_unknown = set(_asked_for) - {BASE_REGISTRY, *ALL_REGISTRIES}
if _unknown:
    raise ImproperlyConfigured(
        f"KOMEK_REGISTRIES names {', '.join(sorted(_unknown))}, which this copy of Komek does not have. "
        f"It has {', '.join(ALL_REGISTRIES) or 'none that can be switched off'}; {BASE_REGISTRY} is always on."
    )
REGISTRIES: list[str] = [name for name in ALL_REGISTRIES if name in _asked_for]

INSTALLED_APPS = [
    "komek.records",
    "komek.accounts",
    "komek.operations",
    "komek.places",
    "komek.supplies",
    "komek.web",
    "komek.exchange",
    "komek.messaging",
    "komek.api",
    BASE_REGISTRY,
    *REGISTRIES,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.gis",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "leaflet",
    "pghistory",
    "pgtrigger",
    "phonenumber_field",
    "procrastinate.contrib.django",
    "rest_framework",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "komek.web.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "komek.accounts.session_tracking.SessionTrackingMiddleware",
    "komek.accounts.locking.TooOftenMiddleware",
    "komek.accounts.second_factor.RequireSecondFactorMiddleware",
    "komek.operations.middleware.CurrentOperationMiddleware",
    "komek.records.middleware.ActorMiddleware",
    "komek.web.middleware.ReadableMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "komek.urls"
FORM_RENDERER = "komek.web.drawing.Renderer"
WSGI_APPLICATION = "komek.wsgi.application"
ASGI_APPLICATION = "komek.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "komek.web.context.page",
            ],
        },
    },
]

# --- Database: one PostGIS. Pooled connections; a tile or a list never starts parallel workers.
_socket_dir = env("KOMEK_CLUSTER_SOCKET", default=str(DATA_DIR / "pg"))
DATABASES = {
    "default": {
        **env.db_url("DATABASE_URL", default=f"postgis://postgres@/komek?host={quote(_socket_dir)}"),
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "CONN_HEALTH_CHECKS": True,
    }
}
_options: dict[str, Any] = DATABASES["default"].setdefault("OPTIONS", {})
if "host" in _options:  # postgres://user@/name?host=/socket/directory
    DATABASES["default"]["HOST"] = _options.pop("host")
_pool_size: int = env.int("KOMEK_DB_POOL", default=8)  # 0: a connection per request, as tests need
if _pool_size:
    _options["pool"] = {"min_size": 1, "max_size": _pool_size, "timeout": 20}
_options["options"] = "-c max_parallel_workers_per_gather=0"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
# Guessing is stopped by axes, which locks one account from one address; this only slows floods.
# Each code may be guessed three times: twenty codes a day leave a guesser one chance in sixteen thousand a day.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "60/m/ip",
    "request_login_code": "20/m/ip,6/h/key,20/d/key",
    "verify_phone": "1/30s/key,6/h/key,20/d/key,20/m/ip",
    "change_phone": "5/h/user",
    "offer_help": "10/h/ip",
}
ACCOUNT_FORMS = {
    "signup": "komek.accounts.forms.KomekSignupForm",
    "login": "komek.accounts.forms.KomekLoginForm",
    "request_login_code": "komek.accounts.forms.KomekRequestCodeForm",
    "change_phone": "komek.accounts.forms.KomekPhoneForm",
    "add_email": "komek.accounts.sign_in_forms.AddEmailForm",
    "change_password": "komek.accounts.sign_in_forms.ChangePasswordForm",
    "set_password": "komek.accounts.sign_in_forms.SetPasswordForm",
    "reset_password": "komek.accounts.sign_in_forms.ResetPasswordForm",
    "reset_password_from_key": "komek.accounts.sign_in_forms.ResetPasswordKeyForm",
    "reauthenticate": "komek.accounts.sign_in_forms.ReauthenticateForm",
    "confirm_login_code": "komek.accounts.sign_in_forms.ConfirmLoginCodeForm",
    "verify_phone": "komek.accounts.sign_in_forms.VerifyPhoneForm",
}
ACCOUNT_ADAPTER = "komek.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# The forms offer the phone only where texts can be sent, and then ask for one of the two (``komek.accounts.forms``).
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# Texts and e-mails are slow where the network is broken.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PHONE_VERIFICATION_TIMEOUT = 10 * 60
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
# Digits are on every keyboard, whatever its alphabet.
ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT = {"length": 6, "dashed": False, "numeric": True}
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Komek: "
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "komek.accounts.second_factor_words.MFAAdapter"
MFA_FORMS = {
    "authenticate": "komek.accounts.sign_in_forms.SecondStepForm",
    "reauthenticate": "komek.accounts.sign_in_forms.SecondStepAgainForm",
    "activate_totp": "komek.accounts.sign_in_forms.AppForm",
    "edit_webauthn": "komek.accounts.sign_in_forms.PasskeyNameForm",
    "add_webauthn": "komek.accounts.passkeys.AddForm",
    "authenticate_webauthn": "komek.accounts.passkeys.AuthenticateForm",
    "login_webauthn": "komek.accounts.passkeys.LoginForm",
    "reauthenticate_webauthn": "komek.accounts.passkeys.ReauthenticateForm",
}
MFA_TOTP_ISSUER = "Komek"
# Browsers take passkeys on https only, and on this machine itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PUBLIC_URL.startswith("http://localhost")
# Roles that may not work before they have a second factor (komek.accounts.roles), with commas. None unless set.
REQUIRE_MFA_ROLES: list[str] = env.list("KOMEK_REQUIRE_MFA_ROLES", default=[])
USERSESSIONS_TRACK_ACTIVITY = True

AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
if PROXIES:
    AXES_IPWARE_PROXY_COUNT = PROXIES
    AXES_IPWARE_META_PRECEDENCE_ORDER = ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"]
AXES_LOCKOUT_CALLABLE = "komek.accounts.views.locked_out"
AXES_USERNAME_CALLABLE = "komek.accounts.locking.login_of"

# --- History: one row per change, with its actor beside it, never altered.
PGHISTORY_APPEND_ONLY = True

# --- Language
LANG_INFO["uz-cyrl"] = {"bidi": False, "code": "uz-cyrl", "name": "Uzbek (Cyrillic)", "name_local": "Ўзбекча"}
LANG_INFO.setdefault("tk", {"bidi": False, "code": "tk", "name": "Turkmen", "name_local": "Türkmençe"})
LANGUAGES = [
    ("en", _("English")),
    ("tk", _("Turkmen")),
    ("uz", _("Uzbek (Latin)")),
    ("uz-cyrl", _("Uzbek (Cyrillic)")),
    ("az", _("Azerbaijani")),
    ("ru", _("Russian")),
]
# Other languages Django knows, for an installation that brings its own catalogue; also how right-to-left is tried.
_extra_languages: list[str] = env.list("KOMEK_EXTRA_LANGUAGES", default=[])
LANGUAGES += [(code, LANG_INFO[code]["name"]) for code in _extra_languages if code in LANG_INFO]
LANGUAGE_CODE = env("KOMEK_LANGUAGE", default="en")
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "komek.formats"
USE_TZ = True
TIME_ZONE = env("KOMEK_TIME_ZONE", default="Asia/Ashgabat")

# --- Static files and uploads: all served by us.
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
_node_modules = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    (prefix, str(folder))
    for prefix, folder in (
        ("vendor/htmx", _node_modules / "htmx.org" / "dist"),
        ("vendor/markercluster", _node_modules / "leaflet.markercluster" / "dist"),
        ("vendor/zxing", _node_modules / "@zxing" / "library" / "umd"),
    )
    if folder.is_dir()
]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "komek.web.static_storage.StaticStorage"
    },
}
WHITENOISE_MANIFEST_STRICT = False
WHITENOISE_USE_FINDERS = DEBUG
# The domain in the numbers of our own records of persons (PFIF). It stays for good: others know our records by it.
PFIF_DOMAIN: str = env("KOMEK_PFIF_DOMAIN", default=urlsplit(PUBLIC_URL).hostname or "localhost")
IMPORT_MAX_MB: int = env.int("KOMEK_IMPORT_MAX_MB", default=50)
BOUNDARIES_MAX_MB: int = env.int("KOMEK_BOUNDARIES_MAX_MB", default=300)  # packed or unpacked, all files together
FILE_UPLOAD_HANDLERS = [
    "komek.web.uploads.LimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *env.list("KOMEK_TILE_HOSTS", default=[])],
        "style-src": ["'self'", "'unsafe-inline'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
}

LEAFLET_CONFIG: dict[str, Any] = {
    "TILES": env.json("KOMEK_TILES", default=[]),
    "DEFAULT_CENTER": (39.5, 59.5),
    "DEFAULT_ZOOM": 6,
    "MIN_ZOOM": 3,
    "MAX_ZOOM": 19,
    "ATTRIBUTION_PREFIX": "",
    "RESET_VIEW": False,
}

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_SCHEMA_CLASS": "komek.api.schema.Schema",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "komek.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["komek.api.scopes.MayWork", "komek.api.scopes.WithinScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["komek.api.negotiation.BoundedJSONParser", "komek.api.negotiation.FilesParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "komek.api.negotiation.Negotiation",
    "DEFAULT_THROTTLE_CLASSES": ["komek.api.throttling.PerAsker"],
    "DEFAULT_THROTTLE_RATES": {
        "asker": env("KOMEK_API_RATE", default="1200/min"),
        "anonymous": env("KOMEK_API_RATE_ANONYMOUS", default="60/min"),
    },
    "NUM_PROXIES": PROXIES,
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "komek.api.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Komek API",
    "DESCRIPTION": "The same rules as in the browser. Errors are problem+json (RFC 9457), lists are paged by cursor, changes "
    "are based on a version (ETag, If-Match), repeated requests are done once (Idempotency-Key).",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": None,
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # One name for a set of choices that several fields share.
    "ENUM_NAME_OVERRIDES": {
        name: path
        for name, path in (
            ("ServiceStatusEnum", "camps.models.ServiceStatus"),
            ("PresenceStepEnum", "camps.models.MovementKind"),
            ("GoodsConditionEnum", "inventory.models.Condition"),
            ("RequestStateEnum", "aid_requests.models.RequestState"),
            ("LineKindEnum", "aid_requests.models.LineKind"),
            ("CommitmentStateEnum", "aid_requests.models.CommitmentState"),
            ("PledgeKindEnum", "volunteers.models.PledgeKind"),
            ("PledgeStateEnum", "volunteers.models.PledgeState"),
            ("PledgeUseStateEnum", "volunteers.models.UseState"),
            ("PersonStatusEnum", "missing_persons.models.Status"),
            ("NoteStatusEnum", "missing_persons.models.NoteStatus"),
            ("PairStateEnum", "missing_persons.models.PairState"),
            ("ReportKindEnum", "missing_persons.models.ReportKind"),
        )
        if path.split(".")[0] in REGISTRIES
    },
}

# --- Organisation registry: days after which an entry nobody confirmed counts as getting old, and as out of date.
ORGS_AGEING_AFTER_DAYS: int = env.int("KOMEK_ORGS_AGEING_AFTER_DAYS", default=60)
ORGS_STALE_AFTER_DAYS: int = env.int("KOMEK_ORGS_STALE_AFTER_DAYS", default=120)

# --- How long personal data is kept, in days, where it differs from the rules' own periods: {"accounts.refused": 30}.
# ``manage.py anonymise --dry-run`` lists the rules.
RETENTION_DAYS: dict[str, int] = env.json("KOMEK_RETENTION_DAYS", default={})

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
HAS_MAIL_SERVER: bool = bool(env("EMAIL_URL", default=""))
if HAS_MAIL_SERVER:
    vars().update(env.email_url("EMAIL_URL"))
# Without a mail server no address can be confirmed; a second factor must not depend on it then.
MFA_ALLOW_UNVERIFIED_EMAIL = not HAS_MAIL_SERVER
# Who changed a password, an address or a second factor is told of it; never through the log, which others read.
ACCOUNT_EMAIL_NOTIFICATIONS = HAS_MAIL_SERVER
DEFAULT_FROM_EMAIL = env("KOMEK_FROM_EMAIL", default="Komek <komek@localhost>")

# --- Texts (SMS). Without a gateway none are sent and signing in by phone is not offered.
TEXT_GATEWAY: str = env("KOMEK_TEXT_GATEWAY", default="console" if DEBUG else "")
TEXT_SENDER: str = env("KOMEK_TEXT_SENDER", default="")
TWILIO_ACCOUNT_SID: str = env("KOMEK_TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN: str = env("KOMEK_TWILIO_AUTH_TOKEN", default="")
TWILIO_BASE_URL: str = env("KOMEK_TWILIO_BASE_URL", default="")  # another server than api.twilio.com
# Texts cost money and can be made to flow to paid numbers: so many codes an hour to one number, and in all.
TEXT_CODES_PER_NUMBER: int = env.int("KOMEK_TEXT_CODES_PER_NUMBER", default=6)
TEXT_CODES_IN_ALL: int = env.int("KOMEK_TEXT_CODES_IN_ALL", default=300)

# Which gateway first, by how a number begins, as JSON: {"+993": "http", "+": "twilio"}. The others are the fall-back.
TEXT_ROUTES: dict[str, str] = env.json("KOMEK_TEXT_ROUTES", default={})
HTTP_GATEWAY: dict[str, Any] = env.json("KOMEK_HTTP_GATEWAY", default={})  # see komek.messaging.gateways.http
EMAIL_GATEWAY: str = env("KOMEK_EMAIL_GATEWAY", default="")
# Texts a second a gateway takes, as JSON by its key; one a second is what a long code may send. In development: no limit.
TEXT_RATES: dict[str, float] = env.json("KOMEK_TEXT_RATES", default={} if DEBUG else {"twilio": 1.0})
# Hours in which only answers, codes and alerts are sent, in KOMEK_TIME_ZONE. Empty: none, as in development.
QUIET_HOURS: str = env("KOMEK_QUIET_HOURS", default="" if DEBUG else "22-7")
# What one SMS costs about, and in which money, for the estimate before many are sent.
TEXT_PRICE: str = env("KOMEK_TEXT_PRICE", default="")
# What people in danger are told to call.
EMERGENCY_NUMBER: str = env("KOMEK_EMERGENCY_NUMBER", default="112")

PHONENUMBER_DB_FORMAT = "E164"
PHONENUMBER_DEFAULT_REGION = env("KOMEK_PHONE_REGION", default="TM")

CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "komek_cache"},
    "memory": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "process",
        "OPTIONS": {"MAX_ENTRIES": 20_000},  # of everybody who asks; beyond that a third is forgotten at random
    },
}
SILENCED_SYSTEM_CHECKS = ["gis.W001"]
TEST_RUNNER = "django.test.runner.DiscoverRunner"
PROMETHEUS_EXPORT_MIGRATIONS = False
METRICS_TOKEN: str = env("KOMEK_METRICS_TOKEN", default="")  # without it, metrics are for this machine only

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "komek.web.middleware.RequestIdFilter"}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
            # A request written out would carry its query: what people searched for, and whom.
            "reserved_attrs": [*RESERVED_ATTRS, "request"],
        },
        "plain": {"format": "%(levelname)s %(name)s [%(request_id)s] %(message)s"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": os.environ.get("KOMEK_LOG_FORMAT", "json"),
        }
    },
    # The SDK would write out every text, codes included.
    "loggers": {
        "twilio": {"level": "WARNING"},
        "komek.requests": {"level": "INFO" if env.bool("KOMEK_LOG_REQUESTS", default=True) else "WARNING"},
    },
    "root": {"handlers": ["stderr"], "level": env("KOMEK_LOG_LEVEL", default="WARNING")},
}
