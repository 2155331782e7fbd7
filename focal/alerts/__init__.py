"""What is new, due or stale, told to those it concerns: subscriptions, nudges, digests."""
