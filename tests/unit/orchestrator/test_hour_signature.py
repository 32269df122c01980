"""An hour is signed before its root goes on chain, and anyone may have the signature."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from orchestrator_hours import close, earned, past
from orchestrator_world import Worker, World

from iog_client import rewards
from iog_client.hours_parts import HourFile
from iog_client.hours_signature import judged
from iog_orchestrator.adapters.blobs import FolderPublisher
from iog_orchestrator.adapters.chain import ProgramChain


async def test_the_api_gives_an_oracles_signature_of_each_closed_hour(
    world: World, worker: Worker, http: httpx.AsyncClient
) -> None:
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    facts = await rewards.chain_facts(world.rpc, 2)
    assert list(facts.oracles) == [str(world.matcher.pubkey())]
    for hour in (1, 2):
        document = (await http.get(f"/v1/hours/{hour}")).content
        given = (await http.get(f"/v1/hours/{hour}/signature")).content
        assert judged(given, HourFile.parse(document), "pending", facts) == ([], [])
    missing = await http.get("/v1/hours/3/signature")
    assert (missing.status_code, missing.json()["detail"]) == (404, "hour 3 is not closed")


async def test_document_and_signature_are_in_the_folder_before_the_root_is_proposed(
    world: World, tmp_path: Path
) -> None:
    folder, found = tmp_path / "published", []

    class Watching(ProgramChain):
        async def propose(self, *_: object) -> None:
            found.extend(sorted(path.name for path in folder.iterdir()))

    publisher = FolderPublisher(folder, world.publisher.signature)
    world.publisher = publisher  # type: ignore[assignment]
    await world.restart(Watching(world.rpc, world.matcher, world.matcher))
    worker = await world.node()
    await worker.connect()
    await past(world, 1)
    await close(world)
    await earned(world, worker, 2)
    hours = [f"hour-00000{number}.{kind}" for number in (1, 2) for kind in ("json", "sig")]
    assert found[:4] == hours
    data = (folder / "hour-000002.sig").read_bytes()
    document = HourFile.parse((folder / "hour-000002.json").read_bytes())
    facts = await rewards.chain_facts(world.rpc, 2)
    assert judged(data, document, "none", facts) == ([], [])


async def test_a_document_appears_only_with_its_signature(tmp_path: Path) -> None:
    def sign(_: int, __: bytes) -> bytes:
        raise OSError("no key")

    publisher = FolderPublisher(tmp_path / "published", sign)
    with pytest.raises(OSError, match="no key"):
        await publisher.publish(1, b"{}")
    assert list((tmp_path / "published").iterdir()) == []
