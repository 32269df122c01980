"""`iog`: the root of the command line.

The root knows its groups by this table alone and imports nothing else, so that `iog --help` answers
about as fast as Python starts. A group's module is imported when that group is asked for; it offers
`app`, a Typer application.
"""

from __future__ import annotations

import os
import sys

GROUPS: dict[str, tuple[str, str]] = {
    "demo": ("iog_client.cli.demo", "See a whole network work on this machine, in a minute."),
    "localnet": ("iog_client.cli.localnet", "Run a local chain, move its clock."),
    "deploy": ("iog_client.cli.deploy", "Put the programs on a chain."),
    "authority": (
        "iog_client.cli.authority",
        "Say who may do what, and who may change the programs.",
    ),
    "network": ("iog_client.cli.network", "Create a network from one file, start its emission."),
    "orchestrator": ("iog_client.cli.orchestrator", "Run the service that places jobs."),
    "token": ("iog_client.cli.token", "Supply and emission."),
    "wallet": ("iog_client.cli.wallet", "Keys, balances and transfers."),
    "node": ("iog_client.cli.node", "Offer GPUs: set up, register and run a node."),
    "stake": ("iog_client.cli.stake", "Stake a node's collateral."),
    "costake": ("iog_client.cli.costake", "Back another's node for a share of its rewards."),
    "pool": ("iog_client.cli.pool", "Stake in the backers' pool, claim its rewards."),
    "slash": ("iog_client.cli.slash", "Cases against nodes: open, appeal, decide them."),
    "job": ("iog_client.cli.job", "Run work on rented GPUs."),
    "delegate": ("iog_client.cli.delegate", "Let another key run jobs within limits."),
    "gang": ("iog_client.cli.gang", "Start several jobs together or not at all."),
    "fees": ("iog_client.cli.fees", "See and share out the fees of jobs."),
    "reward": ("iog_client.cli.reward", "Claim hourly rewards, verify how they came about."),
    "key": ("iog_client.cli.key", "Keys of the API, for scripts that hold no wallet."),
    "doctor": ("iog_client.cli.doctor", "Find out what is wrong here, and what to do."),
    "config": ("iog_client.cli.config", "Show and set what the other commands use."),
    "completion": ("iog_client.cli.completion", "Print or install shell completion."),
}

COMPLETE = "_IOG_COMPLETE"
INTERRUPTED = 130


def main() -> None:
    """The console script. Ends the process with the exit codes of `iog_client.errors`."""
    try:
        if COMPLETE in os.environ:
            from iog_client.cli.completion import complete

            sys.exit(complete())
        sys.exit(_dispatch(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(_help())
        return 0
    first, *rest = arguments
    if first == "--version":
        from importlib.metadata import version

        sys.stdout.write(f"iog {version('iog')}\n")
        return 0
    if first in ("--install-completion", "--show-completion"):
        first, rest = "completion", [*(rest or ["auto"]), *(["--install"] * ("install" in first))]
    if first not in GROUPS:
        return _unknown(first, "--json" in rest)

    from iog_client.cli.output import execute

    return execute(GROUPS[first][0], first, rest)


def _help() -> str:
    width = max(map(len, GROUPS)) + 2
    listed = "".join(f"  {name:<{width}}{text}\n" for name, (_, text) in GROUPS.items())
    return (
        "Usage: iog GROUP COMMAND [OPTIONS]\n\n"
        "The Internet of GPUs: earn with GPUs, rent GPUs, run a network.\n\n"
        f"Groups:\n{listed}\n"
        "Options:\n"
        "  --version             Print the version.\n"
        "  --install-completion  Install completion for this shell.\n"
        "  --help                Print this, or `iog GROUP --help` for a group.\n"
    )


def _unknown(word: str, as_json: bool) -> int:
    from difflib import get_close_matches

    from iog_client.cli.output import report
    from iog_client.errors import UsageError

    kind = "option" if word.startswith("-") else "group"
    near = get_close_matches(word, GROUPS, 1)
    hint = f"; did you mean `{near[0]}`?" if near else "; `iog --help` lists the groups"
    return report(UsageError(f"there is no {kind} `{word[:60]}`{hint}"), as_json)
