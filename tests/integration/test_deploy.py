"""Deployments on a real validator: from nothing, after a kill, again, and over older code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from solders.instruction import Instruction
from solders.keypair import Keypair

from iog_client import loader, prebuilt, wallets
from iog_client.deploy import Deployer
from iog_client.errors import NotAllowed, ProgramError
from iog_client.prebuilt import ProgramFile
from iog_client.rpc import HttpRpc
from iog_client.transactions import Sender
from iog_client.validator import Validator

IOG = [sys.executable, "-c", "from iog_client.cli import main; main()", "deploy"]


def named(identity: Keypair, name: str) -> ProgramFile:
    """The code of one of the programs, to be deployed at an address of its own."""
    real = prebuilt.load(name, "v3")
    return ProgramFile(name, identity.pubkey(), "v3", real.path, real.code)


async def test_a_killed_deployment_goes_on_where_it_was(
    validator: Validator, rpc: HttpRpc, payer: Keypair, tmp_path: Path
) -> None:
    wallets.write(tmp_path / "wallet.json", payer)
    program = prebuilt.load("iog_token", "v3")
    work = Deployer(rpc, payer, payer)
    buffer = work.buffer_key(program).pubkey()
    arguments = ["--program", "iog_token", "--rpc", validator.url]
    arguments += ["--wallet", str(tmp_path / "wallet.json"), "--json"]
    environment = os.environ | {"IOG_CONFIG": str(tmp_path / "none.toml")}

    # The deployment runs beside this loop on purpose, as somebody's terminal would.
    first = subprocess.Popen(  # noqa: ASYNC220
        [*IOG, *arguments], env=environment, stdout=subprocess.DEVNULL
    )
    until = time.monotonic() + 30
    while time.monotonic() < until and first.poll() is None:
        account = await rpc.account(buffer)
        if account is not None and any(loader.read_buffer(account.data)[1]):
            break
    first.kill()
    first.wait()
    assert await rpc.account(program.id) is None

    seen: list[tuple[str, int, int]] = []
    again = Deployer(rpc, payer, payer, progress=lambda *now: seen.append(now))
    identity = wallets.load(prebuilt.LOCAL_KEYS / "iog_token.json")
    await again.run(await again.plan([program]), {program.id: identity})
    chunks = len(list(again._chunks(program)))
    assert 0 < seen[0][1] <= chunks
    assert seen[-1] == ("iog_token", chunks, chunks)

    third = subprocess.run(  # noqa: ASYNC221
        [*IOG, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert third.returncode == 0, third.stderr
    [row] = json.loads(third.stdout)
    assert (row["result"], row["on_chain"]) == ("as it should be", program.sha256)


async def test_a_deployed_program_runs_and_is_upgraded_by_its_authority(
    rpc: HttpRpc, payer: Keypair
) -> None:
    identity, authority = Keypair(), Keypair()
    old, new = sorted(
        (named(identity, name) for name in ("iog_token", "iog_rewards")),
        key=lambda one: len(one.code),
    )
    work = Deployer(rpc, payer, authority)
    [step] = await work.plan([old])
    before = await rpc.balance(payer.pubkey())
    await work.run([step], {old.id: identity})
    spent = before - await rpc.balance(payer.pubkey())
    assert step.action == "deploy"
    assert 0 < spent <= step.lamports

    # It runs, and sees by itself that this is not the address it was built for.
    with pytest.raises(ProgramError) as caught:
        await Sender(rpc, payer).send([Instruction(old.id, b"no such instruction", [])])
    assert caught.value.name == "IncorrectProgramId"

    with pytest.raises(NotAllowed, match=str(authority.pubkey())):
        await Deployer(rpc, payer, payer).plan([new])
    [step] = await work.plan([new])
    assert step.action == "upgrade"
    assert len(new.code) > len(old.code)
    await work.run([step], {})
    assert [one.action for one in await work.plan([new])] == ["same"]
    # The buffer was used up, and its rent came back.
    assert await rpc.account(work.buffer_key(new).pubkey()) is None
