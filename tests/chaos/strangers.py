"""Nodes that are made up: frames as the protocol has them, from whoever wants to be a node."""

from __future__ import annotations

from functools import partial

from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from websockets.asyncio.client import connect

from iog_client.protocol import MAX_FRAME, PROTOCOL, Gpu, Hardware, Hello, Refuse, nonce
from iog_client.registration import Registration
from iog_worker.link import Session, WebSocket, handshake, socket_url

CLASS = "t4"


def hello_of(device: Keypair, exchange_key: str, *, gpus: int = 1, slug: str = CLASS) -> Hello:
    """The first frame of a node with so many simulated GPUs."""
    key = str(device.pubkey())
    found = [Gpu(name="Tesla T4", uuid=f"SIM-{key}-{one}", memory=16_384) for one in range(gpus)]
    return Hello(
        protocol=PROTOCOL,
        device=key,
        instance=nonce(),
        nonce=nonce(),
        exchange_key=exchange_key,
        hardware=Hardware(gpus=found, gpu_class=slug, cpus=8, memory=1 << 16, disk=1 << 20),
        simulated=True,
        confinement="bubblewrap",
    )


async def open_wire(url: str) -> WebSocket:
    """A connection whose answers may be as long as they like."""
    return WebSocket(await connect(socket_url(url), max_size=4 * MAX_FRAME, proxy=None))


async def greeted(url: str, orchestrator: Pubkey, device: Keypair) -> Session:
    """A connection with the challenge done. Raises what the link does when it is refused."""
    return await handshake(await open_wire(url), device, orchestrator, partial(hello_of, device))


async def refusal(session: Session) -> str:
    """What the other end says before it hangs up."""
    while True:
        frame = await session.receive()
        if isinstance(frame, Refuse):
            return frame.reason


def registration(genesis_hash: Hash, owner: Pubkey, device: Keypair) -> Registration:
    """A device's consent to be registered, with one GPU."""
    return Registration.signed(device, owner, CLASS, 1, genesis_hash, simulated=True)
