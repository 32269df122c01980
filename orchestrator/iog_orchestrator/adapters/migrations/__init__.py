"""Alembic migrations of the orchestrator's database, shipped with the package."""
