"""`python -m iog_client.embedded --folder DIR [--port N]`: the embedded chain as a process."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from iog_client.embedded.server import DEFAULT_PORT, serve_folder
from iog_client.errors import IogError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m iog_client.embedded")
    parser.add_argument("--folder", type=Path, required=True, help="where the chain is kept")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="loopback port; 0: any")
    arguments = parser.parse_args()
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    try:
        serve_folder(
            arguments.folder,
            arguments.port,
            lambda url: print(url, flush=True),  # noqa: T201
        )
    except IogError as exc:
        print(exc.message, file=sys.stderr)  # noqa: T201
        return exc.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
