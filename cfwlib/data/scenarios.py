"""The user's own scenarios, as text."""

from cfwlib.areas import project_root
from cfwlib.errors import InputError
from cfwlib.settings import ForecastSettings


def find_scenarios(settings: ForecastSettings) -> str | None:
    """Return the text of the file of data/scenarios that the settings name; None where they name none.

    Raises
    ------
    InputError
        When there is no such file, or it is not text.
    """
    if not settings.scenarios:
        return None
    name = settings.scenarios
    path = project_root() / "data" / "scenarios" / name
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            f"scenarios '{settings.scenarios}': there is no data/scenarios/{name}. Put it there."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise InputError(f"data/scenarios/{name}: cannot be read as text in UTF-8. Save it so.") from None
