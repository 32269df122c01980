from solders.pubkey import Pubkey

PROGRAM_ID = Pubkey.from_string("3W3gpj8dFTGt6pofbyZKmDCRKeohBF6nnvu9j84s4o5h")
