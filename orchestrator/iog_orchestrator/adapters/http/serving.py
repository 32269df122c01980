"""How the application is served: limits, and the protocol of the workers' connections."""

import uvicorn
from starlette.types import ASGIApp

from iog_client.again import KEEP_ALIVE
from iog_client.protocol import MAX_FRAME
from iog_orchestrator.adapters.http.greeting import PromptGreeting
from iog_orchestrator.adapters.prompt_protocol import PromptProtocol

GRACEFUL = 5
"""Seconds that requests have to end when the server stops."""


def config_of(app: ASGIApp) -> uvicorn.Config:
    """Uvicorn's settings for an application."""
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        http=PromptGreeting,
        ws=PromptProtocol,
        ws_max_size=MAX_FRAME,
        # frames are short, and each would cost a compressor's memory and time
        ws_per_message_deflate=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACEFUL,
        server_header=False,
    )
