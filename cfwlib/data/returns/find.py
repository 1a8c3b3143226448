"""The child-level returns of a run: where they lie, or that they are the sample's, or that there are none."""

from dataclasses import replace

from cfwlib.areas import project_root
from cfwlib.data.named_files import named_path
from cfwlib.data.returns.frames import Returns
from cfwlib.data.returns.guard import private
from cfwlib.data.returns.read import read_returns
from cfwlib.settings import Settings


@private("the returns cannot be read")
def find_returns(settings: Settings) -> Returns | None:
    """Return the returns that the settings name; without a name the sample's, which are invented; else None.

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
        invented = project_root() / "data" / "sample" / "returns" / "invented"
        return replace(read_returns(invented), modelled=True) if settings.data == "sample" else None
    remedy = "Put the header, episodes and UASC files in one, and give its name; docs/homes.md tells more."
    return read_returns(
        named_path("returns", settings.returns, "returns", remedy, folder=True, file=False),
        dates=settings.returns_dates,
        end=settings.returns_end,
        authority=settings.returns_authority,
    )
