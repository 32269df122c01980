"""A Solana chain inside one process, for work and tests on one's own machine."""

from iog_client.embedded.chain import BLOCKHASH_LIFE, EmbeddedChain

__all__ = ["BLOCKHASH_LIFE", "EmbeddedChain"]
