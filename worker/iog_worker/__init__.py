"""The node's side of the network: finds GPUs, keeps connected, runs jobs, proves its hours.

Kept free of imports: the supervisor of a run starts through this package and has to start fast.
"""
