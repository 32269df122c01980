"""A virtual cable between this machine and a network namespace, which is cut, slow or lossy."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

CHOICE = ipaddress.IPv4Network("10.231.0.0/16")
FAR = "eth0"
"""The worker's end, in its namespace."""
LOST = re.compile(r"packets (\d+)")


def command(*words: str) -> str:
    """Run it; what it says. Raises `CalledProcessError` if it fails."""
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def free_pair() -> tuple[str, str]:
    """Two neighbouring addresses in a network that no device of this machine is in."""
    devices = json.loads(command("ip", "-json", "-4", "addr"))
    taken = [
        ipaddress.IPv4Interface(f"{one['local']}/{one['prefixlen']}").network
        for device in devices
        for one in device["addr_info"]
    ]
    choice = list(CHOICE.subnets(new_prefix=30))
    # two that choose at the same moment begin at places of their own
    first = os.getpid() % len(choice)
    for network in choice[first:] + choice[:first]:
        if not any(network.overlaps(one) for one in taken):
            here, there = network.hosts()
            return str(here), str(there)
    raise OSError(f"every network of {CHOICE} is taken")


@dataclass(frozen=True)
class Line:
    """The cable from this machine's end, `near`, over a bridge to the worker's namespace, `space`.

    The bridge is in a namespace of its own, `middle`: packets that it drops are lost to both ends,
    as on a real line. What an end drops itself, its TCP would hear of.
    """

    space: str
    middle: str
    near: str
    here: str
    """This machine's address on the cable."""

    @classmethod
    @contextmanager
    def laid(cls) -> Iterator[Line]:
        """The cable, while the body runs. Its names are this process's own."""
        here, there = free_pair()
        own = f"iog-{os.getpid()}"
        line = cls(own, f"{own}-line", own, here)
        with contextlib.ExitStack() as made:
            for space in (line.space, line.middle):
                command("ip", "netns", "add", space)
                made.callback(command, "ip", "netns", "del", space)
            line._lay(f"{here}/30", f"{there}/30")
            yield line

    def _lay(self, here: str, there: str) -> None:
        veth = ("type", "veth", "peer", "name")
        command("ip", "link", "add", self.near, *veth, "left", "netns", self.middle)
        command("ip", "-n", self.middle, "link", "add", "right", *veth, FAR, "netns", self.space)
        command("ip", "-n", self.middle, "link", "add", "bridge", "type", "bridge")
        for port in ("left", "right"):
            command("ip", "-n", self.middle, "link", "set", port, "master", "bridge", "up")
        command("ip", "-n", self.middle, "link", "set", "bridge", "up")
        command("ip", "addr", "add", here, "dev", self.near)
        command("ip", "link", "set", self.near, "up")
        command("ip", "-n", self.space, "addr", "add", there, "dev", FAR)
        for device in (FAR, "lo"):
            command("ip", "-n", self.space, "link", "set", device, "up")

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Nothing goes through in the body, and nobody is told."""
        command("ip", "link", "set", self.near, "down")
        try:
            yield
        finally:
            command("ip", "link", "set", self.near, "up")

    @contextmanager
    def slow(self, rate: str) -> Iterator[None]:
        """So much a second goes through in the body, in both directions."""
        shape = ("root", "tbf", "rate", rate, "burst", "4kb", "latency", "2s")
        command("tc", "qdisc", "add", "dev", self.near, *shape)
        command("tc", "-n", self.space, "qdisc", "add", "dev", FAR, *shape)
        try:
            yield
        finally:
            command("tc", "qdisc", "del", "dev", self.near, "root")
            command("tc", "-n", self.space, "qdisc", "del", "dev", FAR, "root")

    @contextmanager
    def lossy(self, percent: int) -> Iterator[None]:
        """So many of a hundred packets are lost in the body, whichever way they go."""
        rule = f"numgen random mod 100 < {percent} counter name lost drop"
        chain = f"chain forward {{ type filter hook forward priority 0; {rule}; }}"
        self._nft(f"table bridge iog {{ counter lost {{ }}; {chain}; }}")
        try:
            yield
        finally:
            self._nft("delete table bridge iog")

    def lost(self) -> int:
        """Packets that were lost since the line is lossy."""
        [count] = LOST.findall(self._nft("list counter bridge iog lost"))
        return int(count)

    def _nft(self, words: str) -> str:
        return command("ip", "netns", "exec", self.middle, "nft", words)
