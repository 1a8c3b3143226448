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
        When there is no such file, it is empty, or it is not text.
    """
    if not settings.scenarios:
        return None
    name = settings.scenarios
    path = project_root() / "data" / "scenarios" / name
    if not is_file(path):
        raise InputError(f"scenarios '{name}': there is no data/scenarios/{name}. Put it there.")
    if not (text := read_text(path)).strip():
        raise InputError(f"scenarios '{name}': the file is empty. Write a scenario into it, or name none.")
    return text
