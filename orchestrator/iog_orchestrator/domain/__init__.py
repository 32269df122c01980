"""What the orchestrator reasons about: pure values and functions, no I/O, nothing asynchronous."""
