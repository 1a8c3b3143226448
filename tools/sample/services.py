"""The modelled county's services: schools, children's centres and the family hub, libraries and GP practices."""

from dataclasses import dataclass

import shapely

from tools.sample.land import Dice
from tools.sample.layouts import AUTHORITY, csv_text
from tools.sample.people import County, share_out
from tools.sample.places import Place, Point, outline

_LAND = shapely.Polygon(outline()).buffer(-20)
_PRIMARIES, _PRIMARY_PUPILS, _SECONDARY_PUPILS = 145, 19_400, 14_900
_SECONDARIES = """Carlisle, Stanwix, Harraby, Morton, Belle Vue, Workington, Stainburn, Whitehaven, Hensingham,
Maryport, Cockermouth, Keswick, Wigton, Brampton, Dalston, Egremont, Millom, Silloth, Aspatria"""
_SPECIALS = "Carlisle, Workington, Hensingham"
_NURSERIES = "Carlisle, Workington, Cleator Moor"
_PUPIL_REFERRAL_UNITS = "Carlisle, Distington"
_CENTRES = """Botcherby, Harraby, Morton, Currock, Raffles, Longtown, Brampton, Wigton, Aspatria, Ewanrigg, Moorclose,
Workington, Cockermouth, Keswick, Cleator Moor, Egremont, Millom, Mirehouse, Distington"""
_LIBRARIES = """Carlisle, Harraby, Morton, Stanwix, Longtown, Brampton, Dalston, Workington, Moorclose, Harrington,
Seaton, Maryport, Cockermouth, Keswick, Wigton, Aspatria, Silloth, Whitehaven, Mirehouse, Cleator Moor, Frizington,
Egremont, Seascale, Millom, Distington"""
_PRACTICES = """Carlisle, Stanwix, Harraby, Denton Holme, Morton, Kingstown, Longtown, Brampton, Dalston, Workington,
Moorclose, Harrington, Maryport, Cockermouth, Keswick, Wigton, Aspatria, Silloth, Caldbeck, Whitehaven, Hensingham,
Cleator Moor, Egremont, Seascale, Millom"""
# place | opening hours | parking | step-free | hire in pounds a session; blank = not known
_HALLS = """
Caldbeck | Mo-Fr 09:00-22:00 | yes | yes | 24
Bothel | Mo,We,Fr 09:00-17:00 | yes | yes | 18
Bassenthwaite | Mo-Th 09:00-16:00; Fr 09:00-12:00 | yes | | 20
Kirkbride | Tu-Th 09:30-15:30 | yes | yes |
Bowness-on-Solway | | | | 15
Bewcastle | Mo-Fr 10:00-16:00 | yes | no | 12
Gilsland | Mo-Sa 09:00-21:00 | yes | yes | 30
Gosforth | Mo 13:00-17:00; Tu-Fr 09:00-17:00 | yes | yes | 22
Eskdale Green | Mo-Fr 09:00-12:30,13:30-18:00 | no | yes | 16
Bootle | Sa-Su 10:00-16:00 | yes | yes | 20
Lamplugh | Mo-Fr 09:00-17:00; We closed | yes | yes | 95
Rosthwaite | Mo-Fr 09:00-17:00 | no | no | 14
"""
_MAIN_LIBRARIES = ("Carlisle", "Workington", "Whitehaven")
_SESSION_HOURS = {"AM & PM": 7, "AM only": 3, "PM only": 4, "Closed": 0}


@dataclass(frozen=True)
class _School:
    title: str
    kind: str
    phase: str
    pupils: int
    place: Place
    spot: Point


def services(county: County) -> dict[str, str]:
    """Return the files of services: names and texts."""
    at = {place.name: place for place in county.places}
    return {
        "edubasealldata_modelled.csv": _schools(county, at),
        "childrens_centres_and_hubs.csv": _centres(county, at),
        "libraries_modelled.csv": _libraries(at),
        "gp_practices_modelled.csv": _practices(at),
        "venues.csv": _halls(at),
    }


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",")]


def _near(middle: Point, dice: Dice) -> Point:
    """Return a spot on land a short walk from the middle of a place or neighbourhood, in metres."""
    while True:
        spot = (round(middle[0] + dice.spread(200)), round(middle[1] + dice.spread(200)))
        if _LAND.contains(shapely.Point(spot)):
            return spot


def _schools(county: County, at: dict[str, Place]) -> str:
    """Return state schools in the layout of Get Information about Schools."""
    dice, rows = Dice(7), list[list[object]]()
    tree = shapely.STRtree([area.polygon for area in county.areas])
    for number, school in enumerate([*_primaries(county, dice), *_others(at, dice)]):
        home = county.areas[int(min(tree.query(shapely.Point(school.spot), "intersects")))]
        group = "Special schools" if "special" in school.kind else "Local authority maintained schools"
        meals = max(2.0, 46 - school.place.percentile / 2 + dice.spread(6))
        name = f"{school.place.name} Modelled {school.title}"
        row = [900_001 + number, 942, AUTHORITY[1], name, school.kind, group, "Open", school.phase]
        rows.append([*row, school.pupils, f"{meals:.1f}", *school.spot, home.code])
    return csv_text(
        "URN,LA (code),LA (name),EstablishmentName,TypeOfEstablishment (name),EstablishmentTypeGroup (name),"
        "EstablishmentStatus (name),PhaseOfEducation (name),NumberOfPupils,PercentageFSM,Easting,Northing,LSOA (code)",
        rows,
    )


def _primaries(county: County, dice: Dice) -> list[_School]:
    """Return the primary schools: one in each town, suburb and village, then more where people are many."""
    served = [place for place in county.places if place.kind != "Hamlet" or place.neighbourhoods]
    more = share_out(_PRIMARIES - len(served), [max(place.neighbourhoods - 1, 0) for place in served])
    sites = []
    for place, extra in zip(served, more, strict=True):
        hearts = [area.heart for area in county.areas if area.place is place] or [place.middle]
        for number in range(1 + extra):
            title = f"Primary School {number + 1}" if number else "Primary School"
            sites.append((title, place, _near(hearts[number % len(hearts)], dice)))
    sizes = [30 + 12 * dice.pick(10) + 130 * min(place.neighbourhoods, 2) for _, place, _ in sites]
    return [
        _School(title, "Community school", "Primary", pupils, place, spot)
        for (title, place, spot), pupils in zip(sites, share_out(_PRIMARY_PUPILS, sizes), strict=True)
    ]


def _others(at: dict[str, Place], dice: Dice) -> list[_School]:
    """Return secondary and special schools, nurseries and pupil referral units."""
    found = []
    for names, title, kind, phase, size in (
        (_SECONDARIES, "Secondary School", "Community school", "Secondary", 0),
        (_SPECIALS, "Special School", "Community special school", "Not applicable", 150),
        (_NURSERIES, "Nursery School", "Local authority nursery school", "Nursery", 60),
        (_PUPIL_REFERRAL_UNITS, "Pupil Referral Unit", "Pupil referral unit", "Not applicable", 40),
    ):
        places = [at[name] for name in _listed(names)]
        pupils = [size + dice.pick(20) for _ in places]
        if not size:
            pupils = share_out(_SECONDARY_PUPILS, [60 + 4 * number for number in pupils])
        found += [
            _School(title, kind, phase, roll, place, _near(place.middle, dice))
            for place, roll in zip(places, pupils, strict=True)
        ]
    return found


def _centres(county: County, at: dict[str, Place]) -> str:
    """Return 19 children's centres and the one family hub, at Whitehaven."""
    dice, wards = Dice(8), {area.place.ward: area.ward_code for area in county.areas}
    venues = [(name, "Children's Centre", "GIAS") for name in _listed(_CENTRES)]
    venues.append(("Whitehaven", "Family Hub", "DfE family hub sites list"))
    rows = []
    for name, title, register in venues:
        spot = _near(at[name].middle, dice)
        row = [f"{name} {title}", f"Modelled address, {name}", "", AUTHORITY[1], register]
        rows.append([*row, *spot, AUTHORITY[0], wards[at[name].ward]])
    return csv_text("venue,address,postcode,local_authority,register,easting,northing,district,ward", rows)


def _libraries(at: dict[str, Place]) -> str:
    """Return libraries with opening hours: long in the main towns, a few half days elsewhere."""
    dice, rows = Dice(9), list[list[object]]()
    for name in _listed(_LIBRARIES):
        half = "PM only" if dice.pick(2) else "AM only"
        week = ["Closed", half, "Closed", half, "Closed", "AM only", "Closed"]
        if name in _MAIN_LIBRARIES:
            week = ["AM & PM"] * 6 + ["Closed"]
        elif at[name].kind == "Town":
            week = ["AM & PM", "AM & PM", "Closed", "AM & PM", "AM & PM", "AM only", "Closed"]
        hours = sum(_SESSION_HOURS[session] for session in week)
        row = [AUTHORITY[1], f"{name} Library", AUTHORITY[1], "", "Static Library", "", *week, hours]
        rows.append([*row, *_near(at[name].middle, dice), AUTHORITY[0]])
    return csv_text(
        "reporting,name,authority,postcode,type,closed,monday,tuesday,wednesday,thursday,friday,saturday,sunday,hours,"
        "easting,northing,district",
        rows,
    )


def _practices(at: dict[str, Place]) -> str:
    """Return active GP practices."""
    dice = Dice(10)
    rows = [
        [f"M{number:05d}", f"{name.upper()} MODELLED SURGERY", "", "A", *_near(at[name].middle, dice), AUTHORITY[0]]
        for number, name in enumerate(_listed(_PRACTICES), start=1)
    ]
    return csv_text("code,name,postcode,status,easting,northing,district", rows)


def _halls(at: dict[str, Place]) -> str:
    """Return village halls in the layout of a council's own list of venues."""
    dice, rows = Dice(11), list[list[object]]()
    for line in _HALLS.strip().splitlines():
        name, *facts = (part.strip() for part in line.split("|"))
        place = at[name]
        rows.append(
            [f"{name} Modelled Hall", "village hall", "", *_near(place.middle, dice), *facts, place.district, ""]
        )
    return csv_text(
        "name,kind,postcode,easting,northing,opening_hours,parking,step_free,hire_gbp,district,dwell_min", rows
    )
