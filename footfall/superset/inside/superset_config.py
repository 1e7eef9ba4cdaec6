"""Superset's own settings. It runs in Superset's environment, which knows no Footfall: `instance` says where it is."""

import os
from pathlib import Path

import wtforms_json
from sqlalchemy.engine import URL
from superset.utils.log import AbstractEventLogger

# The version of it that has a wheel breaks forms of WTForms 3, and Superset reads no form by it.
wtforms_json.init = lambda: None

_FOLDER = Path(os.environ["FOOTFALL_SUPERSET"])
_SCHEMAS = {"marts", "live"}

SECRET_KEY = (_FOLDER / "secret").read_text()
SQLALCHEMY_DATABASE_URI = URL.create("sqlite", database=str(_FOLDER / "superset.db")).render_as_string()
DATA_DIR = str(_FOLDER)
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 30}}
RATELIMIT_STORAGE_URI = "memory://"
SESSION_COOKIE_SAMESITE = "Strict"
TALISMAN_ENABLED = True
# Superset's own policy lets its pages ask hosts of maps, themes and statistics of use.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "default-src": "'self'",
        "base-uri": "'self'",
        "connect-src": "'self'",
        "font-src": ["'self'", "data:"],
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "img-src": ["'self'", "blob:", "data:"],
        "object-src": "'none'",
        "script-src": ["'self'", "'strict-dynamic'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "worker-src": ["'self'", "blob:"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "frame_options": "DENY",
    "session_cookie_secure": False,
}


class _NoLog(AbstractEventLogger):
    """Superset's own log would hold what people chose in filters: names of users, too."""

    def log(self, *args: object, **kwargs: object) -> None:
        """Keep nothing."""


EVENT_LOGGER = _NoLog()


def FLASK_APP_MUTATOR(app: object) -> None:  # noqa: N802
    """Let lists of schemas hold those that analysts read, and not the candidates beside them."""
    from superset.db_engine_specs.postgres import PostgresEngineSpec

    listed = PostgresEngineSpec.get_schema_names

    def read(cls: type, inspector: object) -> set[str]:
        found = set(listed(inspector))
        return found & _SCHEMAS if found >= _SCHEMAS else found

    PostgresEngineSpec.get_schema_names = classmethod(read)
