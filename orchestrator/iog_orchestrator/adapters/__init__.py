"""The outside world behind `ports`: chain, database, files, sockets, HTTP."""
