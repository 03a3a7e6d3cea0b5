"""Django's settings, made from the knobs."""

from pathlib import Path
from urllib.parse import urlsplit

from overdeliver.server import knobs

KNOBS = knobs.read()
DATA = Path(KNOBS["data"]).resolve()
DEBUG = False
SECRET_KEY = knobs.secret(KNOBS["secret_key"], DATA)
SECRET_KEY_FALLBACKS = [before] if (before := KNOBS["secret_key_before"]) else []
PUBLIC_URL = KNOBS["url"].rstrip("/")
_PUBLIC = urlsplit(PUBLIC_URL)
_SECURE = _PUBLIC.scheme == "https"
ALLOWED_HOSTS = [_PUBLIC.hostname or "", "localhost", "127.0.0.1", "[::1]", *KNOBS["hosts"]]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

CHAPTERS = (
    "look",
    "journal",
    "business",
    "people",
    "outreach",
    "promises",
    "listening",
    "quoting",
    "care",
    "recovery",
    "intake",
    "desk",
)
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ninja",
    *(f"overdeliver.apps.{chapter}" for chapter in CHAPTERS),
    # After the chapters: the pages of sign-in are look's own, and the first template found counts.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "overdeliver.server",
]
MIDDLEWARE = [
    "overdeliver.server.headers.Headers",
    "overdeliver.server.arrival.Arrival",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "overdeliver.server.activity.Activity",
    "overdeliver.apps.people.gate.Gate",
    "overdeliver.server.calls.Calls",
    "overdeliver.server.plain.Plain",
    "overdeliver.server.problems.Problems",
]
ROOT_URLCONF = "overdeliver.server.urls"
WSGI_APPLICATION = "overdeliver.server.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "overdeliver.server.frame.frame",
            ],
            "builtins": ["overdeliver.apps.look.templatetags.look", "django.templatetags.static"],
        },
    }
]

DATABASES = {"default": knobs.database(KNOBS["database_url"], DATA)}
ATOMIC_REQUESTS = False
# In the database, so that failed sign-ins are counted across processes.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_cache",
    }
}

AUTH_USER_MODEL = "people.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "overdeliver.apps.people.signing.Adapter"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to addresses that strangers type
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "reset_password": "5/h/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = KNOBS["proxies"]
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "overdeliver"
USERSESSIONS_TRACK_ACTIVITY = True
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("pt", "Português"),
    ("ru", "Русский"),
    ("ro", "Română"),
    ("kk", "Қазақша"),
]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LOCALE_PATHS = [Path(__file__).parent / "locale"]

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "overdeliver.server.assets.Assets"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 30 * 24 * 3600  # their addresses change with them
UPLOADS = DATA / "uploads"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# Over https no other host of the domain may set them (the browser sees to it, by their names).
SESSION_COOKIE_NAME = "__Host-sessionid" if _SECURE else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if _SECURE else "csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
# Only a proxy speaks https: without one to trust, every request would be sent round for ever.
SECURE_SSL_REDIRECT = _SECURE and KNOBS["proxies"] > 0
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked from this machine
# Subdomains and preload lists are not ours to decide: they reach beyond this application.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "overdeliver.server.problems.form_too_old"
if KNOBS["proxies"]:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

globals().update(knobs.mail(KNOBS["mail_url"]))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = KNOBS["mail_from"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"impersonal": {"()": "overdeliver.server.logs.Impersonal"}},
    "formatters": {
        "json": {"()": "overdeliver.server.logs.Json"},
        "text": {"()": "overdeliver.server.logs.Plain"},
    },
    "handlers": {
        "stream": {
            "class": "logging.StreamHandler",
            "formatter": KNOBS["log"],
            "filters": ["impersonal"],
        }
    },
    "root": {"handlers": ["stream"], "level": "INFO"},
}
