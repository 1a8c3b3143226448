"""The hub's rules live with the other settings."""

from cfwlib.settings import DAY_MIN, Frequency, HubSettings

__all__ = ["DAY_MIN", "Frequency", "HubSettings"]
