from solders.pubkey import Pubkey

PROGRAM_ID = Pubkey.from_string("CDc1nT27Ld5pThW2PbdAu2KDwHuN4VgLrQHKdWkVk9W6")
