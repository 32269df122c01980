from .._support import ProgramInfo
from .program_id import PROGRAM_ID

INFO = ProgramInfo(
    name="iog_rewards",
    address=PROGRAM_ID,
    idl_hash="02154ae54ead6a21e35ea3c4415c45e8332a6bd3d0f9e0e0fa058019b28a61cb",
    instructions={
        b"\xb9\x97^\xec\xa8\xb3\xf8\\": "distributor_initialize",
        b"=%N0\xc6\xcc\xe5\xf5": "reward_claim",
        b"\x1b\xcb\x14\xd5{\xeb<b": "root_propose",
    },
    errors={
        6000: ("WrongProgramKey", "the signer is not the id key of the program"),
        6001: ("WrongOracle", "the signer is not an oracle"),
        6002: ("OracleCountOutOfRange", "the number of oracles is not between 1 and 7"),
        6003: ("OracleRepeated", "an oracle is named twice"),
        6004: ("ThresholdOutOfRange", "the threshold is not between 1 and the number of oracles"),
        6005: ("TooFewOracles", "fewer oracles signed than the threshold"),
        6006: ("Paused", "the distributor is paused"),
        6007: ("RootPending", "another root is pending"),
        6008: ("EpochNotNew", "the epoch is not above that of the live root"),
        6009: ("EpochNotMinted", "the epoch is above the hours minted"),
        6010: ("TotalFell", "the total is below that of the live root"),
        6011: ("TotalAboveEmission", "the total exceeds what was emitted to rewards"),
        6012: ("CountOutOfRange", "the number of leaves is not between 1 and 2^23"),
        6013: ("StaleRoot", "the expected root is not the live one"),
        6014: ("ProofTooLong", "the proof has more than 23 levels"),
        6015: ("WrongProof", "the proof does not lead to the live root"),
        6016: ("NothingToClaim", "nothing is left to claim"),
        6017: ("TotalExceeded", "the claims exceed the total of the live root"),
        6018: (
            "WrongDestination",
            "the destination is not the associated token account of the wallet",
        ),
        6019: ("InvariantBroken", "the distributor breaks its invariant"),
    },
)
