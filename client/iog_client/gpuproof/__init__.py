"""The GPU proof: a chain of matrix products over most of a GPU's memory, committed and then opened
at random places (docs/gpu-proof.md). Pure: no I/O, no clock, no randomness of its own.

`sizes` says how much, `matrices` how a seed becomes integers, `tree` how rows are committed,
`picks` what is opened, `verify` what the verifier recomputes, `evidence` what is published.
"""
