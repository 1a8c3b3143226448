"""Give invented children homes to come from and homes to live in, with postcodes that cannot be real."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from tools.sample.margins import DISTANCE_COUNTS, DISTANCES, HOMES, present

METRES_PER_MILE = 1609.3
AREA, ELSEWHERE = "E06000063", "X99000001"  # the second code is of nobody
_AREA_BOX, _ELSEWHERE_BOX = (295_000, 350_000, 495_000, 580_000), (352_000, 440_000, 430_000, 580_000)
_LIMIT_MILES, _CLEAR_MILES = 20.0, 0.3  # no distance so near the limit that rounding decides
_TRIES = 400
Points = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]


def give_homes(
    episodes: pd.DataFrame, children: pd.DataFrame, last: pd.Timestamp, rng: np.random.Generator, *, published: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the episodes with place, provider and postcodes, and the points of the postcodes.

    Parameters
    ----------
    episodes
        By child and start, with `kind`, `reason_new`, `born`, `uasc`; a change of legal status keeps the home.
    children
        One row per child.
    last
        Day on which the counts of `margins` are met, if they are to be.
    rng
        Source of chance.
    published
        Whether they are.
    """
    child = episodes["child"].to_numpy()
    first = (episodes["reason_new"] != "L").to_numpy() | np.r_[True, child[1:] != child[:-1]]
    home = np.cumsum(first) - 1
    homes = episodes[first].reset_index(drop=True)
    homes["last"] = np.bincount(home[present(episodes, last)], minlength=len(homes)) > 0
    homes["age_days"] = (homes["start"] - homes["born"]).dt.days
    homes["place"], homes["provider"] = _places(homes, rng, published)
    far, unknown = _distances(homes, len(children), rng, published)
    homes["far"], homes["hidden"] = far, unknown[homes["child"]]
    origin, point = _points(homes, len(children), rng)
    frame = episodes.copy()
    for name in ("place", "provider"):
        frame[name] = homes[name].to_numpy()[home]
    from_codes, to_codes = _codes(len(children), 0), _codes(len(homes), len(children))
    frame["home_postcode"] = np.where(unknown[child], "", from_codes[child])
    frame["placement_postcode"] = to_codes[home]
    frame = frame.astype({"place": "str", "provider": "str", "home_postcode": "str", "placement_postcode": "str"})
    inside = homes["kind"].str.endswith("in area").to_numpy()
    postcodes = pd.DataFrame(
        {
            "postcode": np.r_[from_codes[~unknown], to_codes],
            "easting": np.r_[origin[~unknown, 0], point[:, 0]].round(),
            "northing": np.r_[origin[~unknown, 1], point[:, 1]].round(),
            "authority": np.r_[np.full((~unknown).sum(), AREA), np.where(inside, AREA, ELSEWHERE)],
        }
    ).astype({"postcode": "str", "authority": "str"})
    return frame, postcodes.sort_values("postcode", ignore_index=True)


def _places(homes: pd.DataFrame, rng: np.random.Generator, published: bool) -> tuple[Texts, Texts]:
    """Return place and provider: by the shares of the kind, and exactly the counts among those of the last day."""
    place, provider = np.full(len(homes), "", object), np.full(len(homes), "", object)
    kinds, last = homes["kind"].to_numpy(), homes["last"].to_numpy()
    young = (homes["age_days"] < 5 * 365).to_numpy()
    for kind in dict.fromkeys(home.kind for home in HOMES):
        sorts = [home for home in HOMES if home.kind == kind]
        weights = np.array([home.children for home in sorts], dtype=float)
        adoption = np.array([home.place == "A4" for home in sorts])
        for rows, allowed in (((kinds == kind) & young, np.ones(len(sorts))), ((kinds == kind) & ~young, ~adoption)):
            shares = weights * allowed
            which = rng.choice(len(sorts), p=shares / shares.sum(), size=int(rows.sum()))
            place[rows] = np.array([home.place for home in sorts], object)[which]
            provider[rows] = np.array([home.provider for home in sorts], object)[which]
        if published:  # the youngest are those placed for adoption
            rows = rng.permutation(np.flatnonzero((kinds == kind) & last))
            rows = rows[np.argsort(~young[rows] * homes["age_days"].to_numpy()[rows], kind="stable")]
            exact = [home for home in sorts for _ in range(home.children)]
            rest = [home for home in exact if home.place != "A4"]
            exact = [home for home in exact if home.place == "A4"] + [rest[at] for at in rng.permutation(len(rest))]
            place[rows], provider[rows] = [home.place for home in exact], [home.provider for home in exact]
    return place, provider


def _distances(
    homes: pd.DataFrame, children: int, rng: np.random.Generator, published: bool
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which homes are over 20 miles away, and the children whose own home is not known."""
    inside = homes["kind"].str.endswith("in area").to_numpy()
    uasc, last, child = (homes[name].to_numpy() for name in ("uasc", "last", "child"))
    far, unknown = np.zeros(len(homes), bool), np.zeros(children, bool)
    unknown[child[uasc]] = True
    for where, rows in (("in area", inside), ("outside", ~inside)):
        near, away, _ = DISTANCE_COUNTS[where]
        far[rows] = rng.random(int(rows.sum())) < away / (near + away)
        if published:
            final = rng.permutation(np.flatnonzero(rows & last & ~uasc))
            hidden = DISTANCE_COUNTS[where][DISTANCES.index("not known")] - int((rows & last & uasc).sum())
            unknown[child[final[:hidden]]] = True
            far[final[hidden : hidden + near]], far[final[hidden + near :]] = False, True
    if not published:
        unknown |= rng.random(children) < 0.01
    return far, unknown


def _points(homes: pd.DataFrame, children: int, rng: np.random.Generator) -> tuple[Points, Points]:
    """Return the points of the children's own homes (near the border where the next home must be) and of all homes."""
    inside, far = homes["kind"].str.endswith("in area").to_numpy(), homes["far"].to_numpy()
    child, last = homes["child"].to_numpy(), homes["last"].to_numpy()
    origin = _in_box(_AREA_BOX, children, rng)
    edge = np.zeros(children, bool)
    edge[child[~inside & ~far & last]] = True
    origin[edge, 0] = rng.uniform(335_000, 350_000, int(edge.sum()))
    point = np.zeros((len(homes), 2))
    todo = np.arange(len(homes))
    far = far.copy()
    for attempt in range(_TRIES):
        trial = np.where(
            inside[todo, None], _in_box(_AREA_BOX, len(todo), rng), _in_box(_ELSEWHERE_BOX, len(todo), rng)
        )
        point[todo] = trial.round()
        miles = np.hypot(*(trial.round() - origin[child[todo]].round()).T) / METRES_PER_MILE
        clear = np.abs(miles - _LIMIT_MILES) > _CLEAR_MILES
        todo = todo[~((miles > _LIMIT_MILES) == far[todo]) | ~clear]
        if not len(todo):
            break
        if attempt == _TRIES // 2:  # a child from the west cannot be outside and near: an earlier home may be far
            far[todo[~last[todo]]] = True
    return origin, point


def _in_box(box: tuple[float, float, float, float], many: int, rng: np.random.Generator) -> Points:
    west, east, south, north = box
    return np.column_stack([rng.uniform(west, east, many), rng.uniform(south, north, many)])


def _codes(many: int, after: int) -> Texts:
    """Return postcodes of the area QQ, which does not exist."""
    letters = np.array(list("ABDEFGHJLNPQRSTUWXYZ"), object)
    number = np.arange(after, after + many)
    rest, first = np.divmod(number, 20)
    rest, second = np.divmod(rest, 20)
    district, sector = np.divmod(rest, 10)
    out = np.array([f"QQ{value}" for value in district.tolist()], object)
    return out + sector.astype(str).astype(object) + letters[second] + letters[first]
