"""The child-level returns of a run: where they lie, or that they are invented, or that there are none."""

from cfwlib.areas import project_root
from cfwlib.data.returns.frames import Returns
from cfwlib.data.returns.guard import private
from cfwlib.data.returns.read import read_returns
from cfwlib.data.returns.synthetic import synthetic_returns
from cfwlib.errors import InputError
from cfwlib.settings import Settings


@private("the returns cannot be read")
def find_returns(settings: Settings) -> Returns | None:
    """Return the returns that the settings name; invented ones for the modelled area; else None.

    Raises
    ------
    InputError
        When there is no folder of that name in data/returns, or it cannot be read.

    Examples
    --------
    >>> find_returns(Settings(data="sample")).modelled  # else `returns` names a folder
    True
    """
    if not settings.returns:
        return synthetic_returns() if settings.data == "sample" else None
    folder = project_root() / "data" / "returns"
    if not (folder / settings.returns).is_dir():
        raise InputError(
            "returns: there is no folder of that name in data/returns. Put the header, episodes and UASC files in one, "
            "and give its name; docs/homes.md tells more."
        )
    return read_returns(
        folder / settings.returns,
        dates=settings.returns_dates,
        end=settings.returns_end,
        authority=settings.returns_authority,
    )
