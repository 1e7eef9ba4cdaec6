"""What a reader may send to become another, or to see more."""

ESCAPES = (
    "reset role",
    "set role none",
    "set role footfall_analyst",
    "set role footfall_token",
    "set role footfall_serving",
    "set role footfall_contacts",
    "set session authorization default",
    "set session authorization footfall_analyst",
    "reset session authorization",
    "set row_security = off",
    "select set_config('role', 'footfall_analyst', false)",
    "select set_config('session_authorization', 'footfall_analyst', false)",
    "select set_config('footfall.site', 'shop', false)",
    "set application_name = 'footfall analyst'",
    "set search_path = raw, ops, marts",
    "reset all",
    "discard all",
)
