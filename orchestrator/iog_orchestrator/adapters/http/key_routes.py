"""Routes about a wallet's API keys, which only the wallet itself may use."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from iog_client import api_keys
from iog_client.api_keys import MAX_KEYS, ApiKeyList, ApiKeyMade, ApiKeyRequest, ApiKeyView
from iog_orchestrator.adapters.http.access import CoreOf, Wallet, limited
from iog_orchestrator.domain.access import ApiKey
from iog_orchestrator.domain.errors import TooMuch, Unknown

routes = APIRouter(prefix="/v1/keys", dependencies=[Depends(limited)])

KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]


@routes.post("", status_code=201)
async def create(core: CoreOf, wallet: Wallet, wanted: ApiKeyRequest) -> ApiKeyMade:
    """Make a key. Its secret is in this answer, and nowhere else."""
    await core.intake.may_store(wallet)
    secret, now = api_keys.generate(), core.context.ports.clock.wall()
    made = ApiKey(
        secret.id, wallet, wanted.name, wanted.scope, secret.sha256, now, now + wanted.seconds
    )
    if not await core.context.ports.store.put_api_key(made, MAX_KEYS):
        raise TooMuch(f"a wallet has at most {MAX_KEYS} keys that have not expired; revoke one")
    return ApiKeyMade(key=secret.text, **_view(made).model_dump())


@routes.get("")
async def listed(core: CoreOf, wallet: Wallet) -> ApiKeyList:
    """The wallet's keys, expired ones too."""
    return ApiKeyList(keys=[_view(one) for one in await core.context.ports.store.api_keys(wallet)])


@routes.delete("/{key}", status_code=204)
async def revoke(core: CoreOf, wallet: Wallet, key: KeyId) -> None:
    """Make a key worthless at once."""
    if not await core.context.ports.store.forget_api_key(wallet, key):
        raise Unknown(f"{wallet} has no API key {key}")


def _view(key: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=key.id,
        name=key.name,
        scope=key.scope,
        created_at=key.created_at,
        expires_at=key.expires_at,
    )
