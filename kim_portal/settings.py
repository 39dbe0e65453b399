"""The portal's settings: one file, every value a city may choose comes from the environment.

`docs/operations.md` lists each variable; a test compares the two.
"""

from datetime import timedelta
from pathlib import Path

import environ
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").exists():
    environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
# The demo world: its accounts may sign in only while this is on (see kim_portal.checks).
KIM_DEMO = env.bool("KIM_DEMO", default=False)

SECRET_KEY = env.str("SECRET_KEY", default="only-for-development" if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is missing. Set it to a long random value, or set DEBUG=1 while developing."
    )
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEBUG else [])
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS is missing. Set it to the host names the portal answers to, with commas."
    )
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Behind HTTPS everywhere except on the developer's own machine and in the local demo.
HTTPS = env.bool("HTTPS", default=not (DEBUG or KIM_DEMO))

INSTALLED_APPS = [
    "cases",
    "providers",
    "centers",
    "kim_portal.apps.KimPortalConfig",
    "kim_portal.apps.KimAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "simple_history",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kim_portal.middleware.KeepTypedForms",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "kim_portal.middleware.PrivatePages",
    "kim_portal.middleware.RefusalsAsPages",
]

ROOT_URLCONF = "kim_portal.urls"
WSGI_APPLICATION = "kim_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cases.frame.frame",
            ],
            "builtins": ["kim_portal.templatetags.kim"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# SQLite starts with one command; PostgreSQL is what a city runs.
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR}/var/kim.sqlite3")}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    )
else:
    DATABASES["default"].update({"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://")}

# --- People and sign-in -----------------------------------------------------------------------

AUTH_USER_MODEL = "providers.StaffMember"
AUTHENTICATION_BACKENDS = ["providers.sign_in.StaffBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# The one-time link for a new password; shown once by the administrator, valid for two days.
PASSWORD_RESET_TIMEOUT = int(timedelta(days=2).total_seconds())
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "providers.sign_in.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "providers.forms.LoginForm",
    "change_password": "providers.forms.ChangePasswordForm",
    "reset_password_from_key": "providers.forms.NewPasswordForm",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "providers.accounts.PasswordLinkTokenGenerator"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Nobody is asked to be remembered: a session ends with the browser, at the latest after ten hours.
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "change_password": "5/m/user",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
}
SESSION_COOKIE_AGE = int(timedelta(hours=10).total_seconds())
SESSION_COOKIE_NAME = "kim_session"

# --- Language and time ------------------------------------------------------------------------

LANGUAGE_CODE = "de"
LANGUAGES = [("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "kim_portal" / "locale"]
TIME_ZONE = "Europe/Berlin"
USE_TZ = True

# --- Files that the browser loads ---------------------------------------------------------------

NODE_MODULES = BASE_DIR / "node_modules"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap", NODE_MODULES / "bootstrap" / "dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = BASE_DIR / "var" / "media"

# --- Documents of cases -------------------------------------------------------------------------

# The first key encrypts and all of them decrypt, so that a new one can be put in front.
DOCUMENT_KEYS = env.list(
    "DOCUMENT_KEYS",
    default=["b25seS1mb3ItZGV2ZWxvcG1lbnQtYnktZXZlcnlvbmU="] if DEBUG else [],
)
if not DOCUMENT_KEYS:
    raise ImproperlyConfigured(
        "DOCUMENT_KEYS is missing. Set it to a key that `python -c 'from cryptography.fernet import"
        " Fernet; print(Fernet.generate_key().decode())'` prints, or set DEBUG=1 while developing."
    )
try:
    [Fernet(key) for key in DOCUMENT_KEYS]
except ValueError as error:
    raise ImproperlyConfigured(
        "DOCUMENT_KEYS holds something that is no key: each is 32 bytes in URL-safe base64."
    ) from error

DOCUMENT_FOLDER = Path(env.str("DOCUMENT_FOLDER", default=str(BASE_DIR / "var" / "documents")))
SERVED_FOLDERS = [STATIC_ROOT, BASE_DIR / "static", NODE_MODULES]
if any(DOCUMENT_FOLDER.resolve().is_relative_to(folder.resolve()) for folder in SERVED_FOLDERS):
    raise ImproperlyConfigured(
        "DOCUMENT_FOLDER lies where files are served from. Choose a folder that nobody serves."
    )
# Any of Django's storages does, such as one at S3: it is given nothing but encrypted bytes.
STORAGES["documents"] = env.json("DOCUMENT_STORAGE", default={}) or {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": DOCUMENT_FOLDER,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
# What is uploaded waits in memory alone: Django's own handlers would put it on disk, readable.
FILE_UPLOAD_HANDLERS = ["kim_portal.uploads.MemoryUpload"]
LARGEST_DOCUMENT = 20 * 1024 * 1024
# Pictures with more pixels are not unfolded, photographs (JPEG) at half their size: a small file
# can hold many gigabytes. A page scanned at 500 dpi has as many.
MOST_PIXELS = 25_000_000

# --- Security headers -----------------------------------------------------------------------------

# No inline script or style and no other host, ever. Bootstrap's CSS has arrows as data: SVGs.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY = {
    feature: [] for feature in ("camera", "geolocation", "microphone", "payment", "usb")
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Failed logins are counted per person's address, which is the one before the proxy's.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

# --- What the trade decides ---------------------------------------------------------------------

# Days until something comes back by itself (DESIGN §5).
FIRST_FOLLOW_UP_DAYS = 14
REFERRAL_FOLLOW_UP_DAYS = 14
HANDOVER_ANSWER_DAYS = 7
HANDOVER_REMINDER_DAYS = 5
FORMER_LEAD_READS_DAYS = 30
LONGEST_PAUSE_DAYS = 90
TELL_RECIPIENTS_DAYS = 3
QUIET_CASE_DAYS = 30
CONSENT_MONTHS = 12
RETENTION_YEARS = 3
# How many different identities one person may look up while opening cases, before hints stop.
DUPLICATE_HINTS_PER_HOUR = 30
# Weighted cases per full-time post (DOMAIN §1.6): at most `steady` is green, above `high` is red.
LOAD_STEADY = 35
LOAD_HIGH = 45

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
