"""Bring Superset's folder up to date: tables, roles, the admin, the bundle. It runs in Superset's environment.

Standard input has what to do as JSON: `password` (of the admin; null: leave it), `contents` (path → text of the
bundle), `passwords` (path of a connection → its password).
"""

import json
import sys
from pathlib import Path

import superset
from flask import g
from flask_migrate import upgrade
from superset.app import create_app

wanted = json.load(sys.stdin)
with create_app().app_context():
    upgrade(directory=str(Path(superset.__file__).parent / "migrations"))

# Once more, with the tables there: what is set up at a start looks into them.
with create_app().app_context():
    from superset import appbuilder, db, security_manager
    from superset.commands.importers.v1.assets import ImportAssetsCommand

    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    admin = security_manager.find_user("admin")
    if not admin:
        role = security_manager.find_role("Admin")
        security_manager.add_user("admin", "Footfall", "Admin", "admin@localhost", role, password=wanted["password"])
    elif wanted["password"]:
        security_manager.reset_password(admin.id, wanted["password"])
    db.session.commit()
    g.user = security_manager.find_user("admin")
    ImportAssetsCommand(wanted["contents"], passwords=wanted["passwords"]).run()
