"""Many signatures at once: in a process of their own, which may be killed, frozen or hung up on."""

import asyncio
import os
import select
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from solders.keypair import Keypair

from iog_orchestrator.adapters import signature_checks
from iog_orchestrator.adapters.signature_checks import MOST_HERE, SignatureChecks, Signed

ENOUGH = MOST_HERE + 50


@pytest_asyncio.fixture
async def checks() -> AsyncIterator[SignatureChecks]:
    made = SignatureChecks()
    yield made
    await made.close()


def signed(count: int) -> tuple[list[Signed], list[bool]]:
    """Signatures and whether each is valid: every fifth is not, in one of four ways."""
    key, other = Keypair(), Keypair()
    made: list[Signed] = []
    for number in range(count):
        message = number.to_bytes(165, "big")
        right = (str(key.pubkey()), message, str(key.sign_message(message)))
        wrong = (
            (str(other.pubkey()), message, right[2]),
            (right[0], bytes(165), right[2]) if number else ("x", message, right[2]),
            (right[0], message, "no signature"),
            ("1" * 50, message, right[2]),
        )
        made.append(wrong[number // 5 % 4] if number % 5 == 0 else right)
    return made, [number % 5 != 0 for number in range(count)]


def children() -> list[int]:
    """The processes that check, of this one."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in found if signature_checks.__name__ in command(int(pid))]


def command(pid: int) -> str:
    """The command line of a process; empty for one that is gone or has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return ""


async def ended(pidfd: int) -> None:
    """Wait for the end of a process."""
    found, _, _ = await asyncio.to_thread(select.select, [pidfd], [], [], 30)
    os.close(pidfd)
    assert found


@pytest.mark.parametrize("count", [0, 1, MOST_HERE, MOST_HERE + 1, 3 * ENOUGH])
async def test_each_signature_is_judged_by_itself(checks: SignatureChecks, count: int) -> None:
    made, valid = signed(count)
    assert await checks.valid(made) == valid


async def test_a_process_is_there_once_there_is_work_for_it_and_ends_when_closed(
    checks: SignatureChecks,
) -> None:
    await checks.valid(signed(MOST_HERE)[0])
    assert children() == []
    for _ in range(2):
        await checks.valid(signed(ENOUGH)[0])
    (child,) = children()
    await checks.close()
    assert not command(child)


async def test_batches_of_any_size_and_at_the_same_time(
    checks: SignatureChecks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signature_checks, "MOST_ASKED", MOST_HERE + 1)
    made, valid = signed(2 * ENOUGH)
    assert await asyncio.gather(*(checks.valid(made) for _ in range(3))) == [valid] * 3
    assert len(children()) == 1


async def test_a_killed_process_is_replaced(
    checks: SignatureChecks, caplog: pytest.LogCaptureFixture
) -> None:
    made, valid = signed(ENOUGH)
    await checks.valid(made)
    (first,) = children()
    os.kill(first, signal.SIGKILL)
    assert await checks.valid(made) == valid
    assert "no process checks signatures" in caplog.text
    assert await checks.valid(made) == valid
    (second,) = children()
    assert second != first


async def test_a_frozen_process_is_not_waited_for(checks: SignatureChecks) -> None:
    made, valid = signed(ENOUGH)
    await checks.valid(made)
    (frozen,) = children()
    os.kill(frozen, signal.SIGSTOP)
    checks.patience = 0.05
    pidfd = os.pidfd_open(frozen)
    assert await checks.valid(made) == valid
    await ended(pidfd)


async def test_who_stops_waiting_leaves_no_answers_for_the_next(checks: SignatureChecks) -> None:
    made, valid = signed(ENOUGH)
    await checks.valid(made)
    (child,) = children()
    os.kill(child, signal.SIGSTOP)
    asking = asyncio.create_task(checks.valid(made))
    await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    os.kill(child, signal.SIGCONT)
    assert await checks.valid(made[1:]) == valid[1:]


async def test_an_interpreter_that_cannot_be_started_is_done_without(
    checks: SignatureChecks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    made, valid = signed(ENOUGH)
    assert await checks.valid(made) == valid


async def test_the_process_ends_with_the_one_that_asks() -> None:
    code = (
        "import asyncio\n"
        "from iog_orchestrator.adapters.signature_checks import SignatureChecks\n"
        "async def main():\n"
        "    checks = SignatureChecks()\n"
        f"    await checks.valid([('', b'', '')] * {ENOUGH})\n"
        "    print(checks._process.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    asker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    assert asker.stdout is not None
    child = int(await asker.stdout.readline())
    assert signature_checks.__name__ in command(child)
    pidfd = os.pidfd_open(child)
    asker.kill()
    await asker.wait()
    await ended(pidfd)
