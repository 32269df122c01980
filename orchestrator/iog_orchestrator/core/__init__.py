"""The orchestrator's work, written against `ports` alone."""
