from solders.pubkey import Pubkey

PROGRAM_ID = Pubkey.from_string("ASSAosC1fiaPZvEZ7Bm73eoy8f96Tawwbr5KWqUEwcia")
