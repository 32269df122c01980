from .._support import ProgramInfo
from .program_id import PROGRAM_ID

INFO = ProgramInfo(
    name="iog_token",
    address=PROGRAM_ID,
    idl_hash="9d3e7dbe2a69aea946b7ddbefd642a144f6e335bf01defb50fa6341bdbdc6b9d",
    instructions={
        b"\x9e\x13Z\xe6\x92\x88h\x13": "emission_advance",
        b'nv\xa3"0$\n\x94': "emission_start",
        b"\xec\x9b\x96\xab\xd4\xea\x03\xf8": "genesis_allocate",
        b"Xsu\x96\xf0\x0f\x1dv": "genesis_seal",
        b"\xc3\x94\xf3\x8c\xa7\x8f\x94p": "token_initialize",
        b"\xeb'0:#/\x0ei": "vesting_claim",
    },
    errors={
        6000: ("WrongProgramKey", "the signer is not the id key of the program"),
        6001: ("WrongAuthority", "the signer is not the authority"),
        6002: ("HourLengthZero", "the length of an hour is zero"),
        6003: ("ShareAboveWhole", "a share exceeds 10,000 basis points"),
        6004: ("BucketIndexOutOfRange", "the bucket index is not below 8"),
        6005: ("GenesisAlreadySealed", "the genesis is sealed"),
        6006: ("GenesisNotSealed", "the genesis is not sealed"),
        6007: ("GenesisSumWrong", "the buckets do not sum to 500,000,000 IO"),
        6008: ("EmissionAlreadyStarted", "the emission has its start already"),
        6009: ("StartInThePast", "the start lies in the past"),
        6010: ("NothingDue", "nothing is due"),
        6011: (
            "WrongDestination",
            "the destination is not the associated token account of the beneficiary",
        ),
        6012: ("AmountOverflow", "an amount exceeds 64 bits"),
        6013: ("InvariantBroken", "the configuration breaks its invariant"),
        6014: ("StartTooFar", "the start lies more than 365 days ahead"),
    },
)
