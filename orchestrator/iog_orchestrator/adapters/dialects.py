"""Where SQLite and PostgreSQL differ in what the store says to them."""

import json
import math
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

POSTGRES = "postgresql"
NUL = "\x00"
INSTEAD = "\N{REPLACEMENT CHARACTER}"

Insert = postgresql.Insert | sqlite.Insert
"""Both take `on_conflict_do_nothing` and `on_conflict_do_update` in the same words."""


def insert(dialect: sa.Dialect, table: sa.Table) -> Insert:
    """An insert that may say what is to happen to a row that is there already."""
    return postgresql.insert(table) if dialect.name == POSTGRES else sqlite.insert(table)


class without_spec(GenericFunction[Any]):  # noqa: N801 - named as in SQL
    """The JSON of a request without its spec and inputs, which are most of its bytes."""

    type = sa.JSON()
    inherit_cache = True


@compiles(without_spec, "sqlite")
def _by_setting(element: without_spec, compiler: SQLCompiler, **kw: Any) -> str:
    (body,) = element.clauses
    emptied = sa.func.json_set(body, "$.spec", "", "$.inputs", sa.func.json("[]"))
    return compiler.process(emptied, **kw)


@compiles(without_spec, POSTGRES)
def _by_joining(element: without_spec, compiler: SQLCompiler, **kw: Any) -> str:
    (body,) = element.clauses
    empty = sa.cast(sa.literal_column("""'{"spec": "", "inputs": []}'"""), JSONB)
    return compiler.process(sa.cast(body, JSONB).op("||")(empty), **kw)


class Words(sa.TypeDecorator[str]):
    """Text that others wrote: PostgreSQL keeps any letter but NUL."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return value.replace(NUL, INSTEAD) if value else value


def to_json(value: Any) -> str:
    """JSON as PostgreSQL takes it: without NUL, NaN and infinities, which workers may send."""
    try:
        text = json.dumps(value, allow_nan=False)
    except ValueError:
        text = "\\u0000"
    return json.dumps(_plain(value)) if "\\u0000" in text else text


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(NUL, INSTEAD)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {_plain(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
