"""Bringing a database's schema up to this version."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from iog_orchestrator.domain.errors import StoreRefused

SCRIPTS = "iog_orchestrator.adapters:migrations"


def upgrade(connection: Connection, where: str) -> None:
    """Upgrade within the connection's transaction. Raises `StoreRefused` for a schema of a later
    version."""
    require_known(connection, where)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def require_known(connection: Connection, where: str) -> None:
    """Raises `StoreRefused` for a schema of a later version than this."""
    found = MigrationContext.configure(connection).get_current_revision()
    known = {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise StoreRefused(
            f"{where} was written by another version: its schema is {found}, "
            f"the newest known here {max(known)}"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    return config
