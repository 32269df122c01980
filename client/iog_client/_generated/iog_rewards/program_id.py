from solders.pubkey import Pubkey

PROGRAM_ID = Pubkey.from_string("EWmAMAKU3LAuVhTENRZbDuaMMkvdmQ5xEWVE97qsV3Av")
