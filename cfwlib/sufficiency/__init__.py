"""Whether there is enough provision, and for whom there is not."""

from cfwlib.sufficiency.hubs import hub_access, reached_by, shortfall_by

__all__ = ["hub_access", "reached_by", "shortfall_by"]
