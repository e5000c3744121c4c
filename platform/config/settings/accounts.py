"""How people sign in: what django-allauth is told, and where each person lands afterwards."""

from config import env

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 60 * 60

# Dotted paths of functions (user) -> path; accounts lies below the apps that know roles.
LANDING_PATH_IN_TENANT = "tenant_apps.members.selectors.landing_path"
# Anybody may have an account mail sent to themselves, so this one tells of no owner.
CONTACT_IN_TENANT = "tenant_apps.members.selectors.chosen_contact"
LANDING_PATH_ON_PLATFORM = "shared_apps.operators.selectors.landing_path"

# Salts are the scope's own (R47), so some settings are answered by code.
ALLAUTH_SETTING_GETTER = "shared_apps.accounts.scoped_settings.get"
# X-Forwarded-For counts only behind our own proxy, and then its last hop.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("BEHIND_PROXY", default=False) else 0

ACCOUNT_ADAPTER = "shared_apps.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_UNIQUE_EMAIL = True
# By code, not by link: a link that a stranger's sign-up sent would let its reader confirm the stranger's password (ADR 0001).
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "shared_apps.accounts.tokens.ScopedTokenGenerator"  # noqa: S105  # a class
ACCOUNT_FORMS = {
    "login": "shared_apps.accounts.forms.SignInForm",
    "signup": "shared_apps.accounts.forms.SignUpForm",
    "reset_password": "shared_apps.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "shared_apps.accounts.forms.PasswordByLinkForm",
}
# login_failed: its key is account and address together, so that nobody can lock another person out from afar;
# login_account: failed tries for one account, from wherever, against guessing from many addresses; a browser in which the
# account was signed in before is not held to it (shared_apps.accounts.known_browsers).
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/5m/key",
    "login_account": "60/h/key",
    "reset_password": "20/m/ip,5/h/key",
    "signup": "20/h/ip",
}
# Marketplaces that may be started within an hour from one address of the net; many people may share one.
SIGN_UPS_PER_HOUR = 30
