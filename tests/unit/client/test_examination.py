"""What the doctors find broken comes with what mends it."""

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import cast

import pytest

from iog_client import doctor, examination
from iog_client.config import Settings
from iog_client.errors import Refused
from iog_client.examination import Broken, Examination
from iog_client.rpc import Rpc
from iog_orchestrator.adapters import doctor as orchestrator_doctor
from iog_worker import doctor as node_doctor
from iog_worker.folder import NodeFolder

URL = "http://127.0.0.1:1"
NO_RPC = cast(Rpc, None)
SHARED = ["orchestrator", "orchestrator ready", "orchestrator clock"]
CHAIN = ["chain", "chain time", "programs"]
CHECKS = {
    "client": ["iog", "wallet", *CHAIN, "network file", "funds", *SHARED, "same chain"],
    "node": [
        *("folder", "GPUs", "disk", "python", "isolation", "limits", "worker"),
        *(*SHARED, "registration"),
    ],
    "orchestrator": [
        *("network file", "matcher key", "oracle key", *CHAIN, "same chain", "fees", "hours"),
        *("folder", "database", *SHARED),
    ],
}


async def client(folder: Path) -> Examination:
    settings = Settings(URL, URL, folder / "wallet.json")
    return await doctor.examine_client(doctor.Client(settings, {}, folder / "network", NO_RPC))


async def node(folder: Path) -> Examination:
    return await node_doctor.examine(NodeFolder(folder), sys.executable, URL)


async def orchestrator(folder: Path) -> Examination:
    served = orchestrator_doctor.Served(folder / "network", folder, NO_RPC, URL, URL)
    return await orchestrator_doctor.examine(served)


@pytest.mark.parametrize("examine", [client, node, orchestrator])
async def test_each_check_of_each_doctor_says_what_mends_it(
    examine: Callable[[Path], Coroutine[None, None, Examination]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look = Examination.look

    async def broken() -> str:
        raise Refused("it is broken")

    async def look_at_broken(
        self: Examination, check: str, found: object, *needs: str, todo: str
    ) -> bool:
        return await look(self, check, broken, todo=todo)

    monkeypatch.setattr(Examination, "look", look_at_broken)
    found = (await examine(tmp_path)).findings
    assert [one.check for one in found] == CHECKS[examine.__name__]
    assert [one.check for one in found if one.state != "failed" or len(one.todo) < 10] == []


async def test_only_what_went_wrong_comes_with_something_to_do() -> None:
    looking = Examination()

    async def fine() -> str:
        return "it is there"

    async def broken() -> str:
        raise Refused("it is\nnot there")

    async def stuck() -> str:
        raise Broken("it is stuck", "pull it")

    await looking.look("first", fine, todo="nothing")
    await looking.look("second", broken, "first", todo="make it")
    await looking.look("third", fine, "first", "second", todo="make it")
    await looking.look("fourth", stuck, todo="make it")
    assert looking.failed == 2
    assert examination.text(looking.findings).splitlines() == [
        "ok    first   it is there",
        "FAIL  second  it is not there",
        "              -> make it",
        "-     third   not looked at without second",
        "FAIL  fourth  it is stuck",
        "              -> pull it",
        "2 of 4 checks failed",
    ]
