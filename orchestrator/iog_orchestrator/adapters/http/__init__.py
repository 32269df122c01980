"""The HTTP API: routes by subject, signed requests, errors as problem+json (RFC 9457)."""
