"""API keys in the store; see `ports_stores.KeyStore`."""

from dataclasses import asdict

import sqlalchemy as sa

from iog_orchestrator.adapters.database import Database
from iog_orchestrator.adapters.schema import api_keys
from iog_orchestrator.domain.access import ApiKey


class KeyTables:
    """The part of the store that is about API keys."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_api_key(self, key: ApiKey, most: int) -> bool:
        living = sa.select(sa.func.count()).where(
            api_keys.c.wallet == key.wallet, api_keys.c.expires_at > key.created_at
        )
        async with self._database.write() as connection:
            if (await connection.execute(living)).scalar_one() >= most:
                return False
            await connection.execute(
                sa.delete(api_keys).where(
                    api_keys.c.wallet == key.wallet, api_keys.c.expires_at <= key.created_at
                )
            )
            await connection.execute(sa.insert(api_keys).values(**asdict(key)))
        return True

    async def api_key(self, name: str) -> ApiKey | None:
        async with self._database.read() as connection:
            query = sa.select(api_keys).where(api_keys.c.id == name)
            row = (await connection.execute(query)).mappings().one_or_none()
        return None if row is None else ApiKey(**row)

    async def api_keys(self, wallet: str) -> list[ApiKey]:
        query = (
            sa.select(api_keys)
            .where(api_keys.c.wallet == wallet)
            .order_by(api_keys.c.created_at.desc(), api_keys.c.id)
        )
        async with self._database.read() as connection:
            return [ApiKey(**row) for row in (await connection.execute(query)).mappings()]

    async def forget_api_key(self, wallet: str, name: str) -> bool:
        async with self._database.write() as connection:
            done = await connection.execute(
                sa.delete(api_keys).where(api_keys.c.wallet == wallet, api_keys.c.id == name)
            )
        return done.rowcount == 1
