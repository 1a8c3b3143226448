"""Whether there is enough provision, and for whom there is not."""

from cfwlib.sufficiency.hubs import household_shares, hub_access, reached_by, shortfall_by

__all__ = ["household_shares", "hub_access", "reached_by", "shortfall_by"]
