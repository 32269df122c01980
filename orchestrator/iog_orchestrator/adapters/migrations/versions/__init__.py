"""One module a migration; numbers rise."""
