"""What the doors and boundaries must know of `alerts`."""

from tests.door import Door, listing, plain

OWN = {"alerts.Item", "alerts.Reader", "alerts.Subscription"}
SYSTEM_PLACES = {"alerts/matching.py"}  # everything is matched; each is told what they may see
DOORS = (
    listing("alerts:inbox", "", "?all=1"),
    listing("alerts:following"),
    Door(
        "alerts:open", "plain", lambda _: [], queries=("?item=match:news:news0000000001", "?item=x")
    ),
    Door("alerts:nudge", "plain", lambda _: [], queries=("?item=nudge:x:y", "?item=x")),
    Door("alerts:mark", "plain", lambda _: [], method="post", data=(("item", "match:x:y"),)),
    Door("alerts:follow", "plain", lambda _: [], method="post"),
    Door("alerts:save_search", "plain", lambda _: [], method="post"),
    Door("alerts:choose", "plain", lambda _: [], method="post"),
    Door("alerts:change", "plain", lambda _: ["nowhereatall22"], method="post"),
    Door("alerts:give_up", "plain", lambda _: ["nowhereatall22"], method="post"),
    plain("alerts:stop", "not-a-token"),
)
