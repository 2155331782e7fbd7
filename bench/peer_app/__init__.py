"""The tables that the peer of bench.peer searches."""
