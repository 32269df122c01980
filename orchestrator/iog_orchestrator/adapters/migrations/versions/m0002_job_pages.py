"""Jobs by their opening, for pages of all of them."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("jobs_by_opening", "jobs", ["opened_at", "address"])
