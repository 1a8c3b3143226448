"""The user's own scenarios, as text."""

from cfwlib.areas import project_root
from cfwlib.errors import InputError
from cfwlib.reading import is_file, read_text
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
    if not is_file(path):
        raise InputError(f"scenarios '{name}': there is no data/scenarios/{name}. Put it there.")
    return read_text(path)
