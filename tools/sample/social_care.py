"""The modelled tables of children in care, in the publishers' layouts: the printed totals, invented neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.sample.land import Dice
from tools.sample.layouts import AUTHORITY, csv_text
from tools.sample.people import share_out

_YEARS = (2024, 2025)
_NEIGHBOURS = "ABCDEFGHIJ"
_REGION = ("E12000002", "North West")
_ELSEWHERE = ("X12000001", "Elsewhere (modelled)")
_HEAD = "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name"
_HEAD += ",old_la_code,la_name,new_la_code"
_BOTH = "Distance between home and placement and locality of placement"
# topic: item | the area in the first year, and in the second | England per 1,000.  c = hidden
_GROUPS = {
    "Age group": """Under 1 year | 17 22 | 44
1 to 4 years | 55 52 | 123
5 to 9 years | 89 83 | 185
10 to 15 years | 191 187 | 378
16 years and over | 130 114 | 270""",
    "Distance between home and placement": """Placed 20 miles or less from home | 181 209 | 693
Placed more than 20 miles from home | 262 230 | 222
Distance not known or not recorded | 39 19 | 85""",
    _BOTH: """1. Placed inside the LA boundary, 20 miles or less from home | 167 191 | 471
2. Placed outside the LA boundary, 20 miles or less from home | 14 18 | 222
3. Placed inside the LA boundary, more than 20 miles from home | 77 72 | 42
4. Placed outside the LA boundary, more than 20 miles from home | 185 158 | 180
5. Placed inside the LA boundary, distance not known or not recorded | 13 6 | 42
6. Placed outside the LA boundary, distance not known or not recorded | 26 13 | 43""",
    "Locality of placement": """Placed inside the local authority boundary | 257 269 | 555
Placed outside the local authority boundary | 225 189 | 445""",
    "Place providers": """Own provision (by the LA) | 210 211 | 429
Other LA provision | 44 61 | 9
Other public provision (e.g. by a PCT etc) | c c | 3
Private provision | 164 144 | 403
Voluntary/third sector provision | 23 17 | 70
Parents or other person with parental responsibility | 29 18 | 61
Placement provider not reported | c c | 25""",
    "Placement": """Foster placements | 309 336 | 670
Secure homes and children's homes | 69 61 | 116
Independent and semi-independent living arrangements/supported accommodation | 33 22 | 92
Placed with parents or other person with parental responsibility | 29 18 | 61
Placed for adoption | 22 8 | 20
Other residential settings | c 6 | 14
Residential schools | c c | 1
Other placements | 11 c | 26""",
    "Unaccompanied asylum-seeking children": """UASC | 36 15 | 80
Non-UASC | 446 443 | 920""",
}
_NEW = """Placed inside LA boundary less than 20 miles from home | 297 239 | 462
Placed inside LA boundary more than 20 miles from home | 109 57 | 47
Placed outside LA boundary less than 20 miles from home | 24 32 | 200
Placed outside LA boundary more than 20 miles from home | 216 183 | 160
Distance not known or not recorded | 81 29 | 131"""
_STABILITY = {  # topic: item, the area's number and total by year, England's share in per cent
    "CLA on 31 March": ("With 3 or more placements during the year", (35, 49), (482, 458), 10),
    "CLA 2 years on 31 March": ("With 3 or more placements during the previous 2 years", (73, 68), (359, 329), 23),
    "Children looked after continuously for at least 2.5 years on 31 March aged under 16 years": (
        "Living with the same carer for at least 2 years", (113, 94), (169, 149), 69,
    ),
}  # fmt: skip
_RATES = {
    "Children looked after on 31 March each year": (482, 458),
    "Children starting to be looked after each year": (173, 182),
    "Children ceasing to be looked after each year": (176, 207),
}
_HOMES = {  # kind: places of the providers, by sector
    "Children's home": {"Local Authority": (7, 5), "Private": (*[4] * 8, *[3] * 7)},
    "Supported Accommodation": {"Local Authority": (6, 4), "Private": (9, 9, 9, 9)},
}
_REST = {"Rest of the North West (modelled)": (3_100, 3_400), "Rest of England (modelled)": (12_000, 16_000)}
_COSTS = {  # measure: period, the area, the region, England
    "RescareFinance": ("2024-25 (OT)", 6750, 6515, 7385),
    "FosteringFinance": ("2024-25 (OT)", 920, 655, 765),
    "LACFinance": ("2024-25 (OT)", 2075, 1800, 2100),
    "Number_Foster_Places(New)": ("2025", 275, 6415, 36725),
    "Number_Foster_Places_Filled(New)": ("2025", 160, 3990, 21890),
}


@dataclass(frozen=True)
class _Place:
    """A place of the tables: children in care and residents aged 0 to 17 in each year; `own` is the area itself."""

    columns: Sequence[object]
    children: tuple[int, int]
    residents: tuple[int, int]
    dice: Dice
    own: bool = False
    rounded: bool = False


def social_care() -> dict[str, str]:
    """Return the files of children in care: names and texts."""
    places = _places()
    return {
        "cla_numbers_and_rates_modelled.csv": _rates(places),
        "cla_on_31_march_modelled.csv": _groups(places),
        "cla_new_placements_modelled.csv": _new_placements(places),
        "cla_placement_stability_modelled.csv": _stability(places),
        "cla_net_gain_modelled_2024.csv": _net_gain(places),
        "children_mid_year_modelled.csv": _population(places),
        "statistical_neighbours_modelled_2025.csv": _neighbours(),
        "ofsted_providers_modelled_2025.csv": _providers(),
        "lait_modelled_2025.csv": _costs(),
    }


def _places() -> list[_Place]:
    country = ["E92000001", "England"]
    found = [
        _Place(["National", *country, "", "", "", "", ""], (83_530, 81_770), (12_059_476, 12_183_016), Dice(30),
               rounded=True),
        _Place(["Regional", *country, *_REGION, "", "", ""], (15_070, 14_620), (1_607_440, 1_627_558), Dice(31),
               rounded=True),
        _Place(["Local authority", *country, *_REGION, "942", AUTHORITY[1], AUTHORITY[0]], (482, 458), (52_019, 52_489),
               Dice(32), own=True),
    ]  # fmt: skip
    for number, (name, children) in enumerate(zip(_REST, (14_162, 62_000), strict=True)):
        region = _REGION if not number else _ELSEWHERE
        columns = ["Local authority", *country, *region, f"X9{number}", name, f"X0600009{number}"]
        found.append(_Place(columns, (children, children), (150 * children, 150 * children), Dice(33 + number)))
    for number, letter in enumerate(_NEIGHBOURS):
        dice = Dice(40 + number)
        residents, rate = 40_000 + 1_000 * dice.pick(100), 60 + dice.pick(50)
        children = residents * rate // 10_000
        columns = [*country, *_ELSEWHERE, f"X{number:02d}", f"Neighbour {letter} (modelled)", f"X060000{number:02d}"]
        before = children + round(dice.spread(30))
        found.append(_Place(["Local authority", *columns], (before, children), (residents - 300, residents), dice))
    return found


def _rows_of(
    place: _Place, topic: str, text: str, year: int, totals: tuple[int, int], total_name: str
) -> list[list[object]]:
    """One topic of one place: the area's as printed, the others' shared out like England's, small ones hidden."""
    lines = [[part.strip() for part in line.split("|")] for line in text.splitlines()]
    number = _YEARS.index(year)
    if place.own:
        counts = [line[1].split()[number] for line in lines]
        total = totals[number]
    else:
        weights = [round(int(line[2]) * (10 if place.rounded else 10 + place.dice.spread(4))) + 1 for line in lines]
        total = totals[number]
        counts = _hidden(share_out(total, weights)) if not place.rounded else _tens(share_out(total, weights))
    rows = [[line[0], count] for line, count in zip(lines, counts, strict=True)] + [[total_name, str(total)]]
    return [
        [year, "Reporting year", *place.columns, topic, item, count, _percent(count, total)] for item, count in rows
    ]


def _hidden(counts: Sequence[int]) -> list[str]:
    """Hide 1 to 5, and where that is one alone the next smallest with it."""
    small = {k for k, count in enumerate(counts) if 1 <= count <= 5}
    if len(small) == 1:
        others = [k for k, count in enumerate(counts) if count and k not in small]
        small.add(min(others, key=lambda k: (counts[k], k)))
    return ["c" if k in small else str(count) for k, count in enumerate(counts)]


def _tens(counts: Sequence[int]) -> list[str]:
    return [str(10 * round(count / 10)) for count in counts]


def _percent(count: str, total: int) -> str:
    if count == "c":
        return "c"
    percent = round(100 * int(count) / total)
    return "k" if int(count) and not percent else str(percent)


def _groups(places: Sequence[_Place]) -> str:
    rows = [
        row
        for year in _YEARS
        for place in places
        for topic, text in _GROUPS.items()
        for row in _rows_of(place, topic, text, year, place.children, "Total")
    ]
    return csv_text(f"{_HEAD},cla_group,characteristic,number,percentage", rows)


def _new_placements(places: Sequence[_Place]) -> str:
    topic, rows = "Location of new placements during the year", list[list[object]]()
    for year in _YEARS:
        for place in places:
            totals = (727, 540) if place.own else (place.children[0] * 6 // 5, place.children[1] * 11 // 10)
            rows += _rows_of(place, topic, _NEW, year, totals, "Total new placements")
    return csv_text(f"{_HEAD},characteristic,breakdown,children_count,children_percent", rows)


def _stability(places: Sequence[_Place]) -> str:
    rows = []
    for k, year in enumerate(_YEARS):
        for place in places:
            for topic, (item, numbers, totals, percent) in _STABILITY.items():
                total = totals[k] if place.own else _like(place, totals[k], k)
                count = numbers[k] if place.own else _like(place, 0, k, total * (percent + place.dice.spread(3)) / 100)
                head = [year, "Reporting year", *place.columns, topic]
                rows.append([*head, item, count, _percent(str(count), total)])
                rows.append([*head, "Total children", total, 100])
    return csv_text(f"{_HEAD},cla_group,placement_stability,children_count,children_percent", rows)


def _rates(places: Sequence[_Place]) -> str:
    """The year before the area was formed is there too, not applicable to it."""
    rows: list[list[object]] = []
    for year in (_YEARS[0] - 1, *_YEARS):
        for place in places:
            for item, numbers in _RATES.items():
                head = [year, "Reporting year", *place.columns, item]
                k = max(year - _YEARS[0], 0)
                if year < _YEARS[0] and place.own:
                    rows.append([*head, "x", "z", "z"])
                    continue
                count = numbers[k] if place.own else _like(place, numbers[k], k)
                rows.append([*head, place.residents[k], count, round(10_000 * count / place.residents[k])])
    return csv_text(f"{_HEAD},population_type,population_estimate,children_count,rate_per_10000", rows)


def _like(place: _Place, number: int, k: int, exact: float = 0) -> int:
    """Return as many of a place's children in care as the number is of the area's, to 10 for regions and England."""
    count = exact or place.children[k] * number / _RATES["Children looked after on 31 March each year"][k]
    return 10 * round(count / 10) if place.rounded else round(count)


def _net_gain(places: Sequence[_Place]) -> str:
    rows = []
    for place in places:
        here = 106 if place.own else place.children[0] * 2 // 5 + round(place.dice.spread(place.children[0] // 8))
        away = 226 if place.own else place.children[0] * 9 // 20
        items: Mapping[str, int] = {
            "1. Children who are the responsibility of other LAs placed within this LA boundary": here,
            "2. Children who are the responsibility of this LA placed outside the LA boundary": away,
            "Net gain of children by responsible LA": here - away,
        }
        rows += [[2024, "Reporting year", *place.columns, item, number] for item, number in items.items()]
    return csv_text(f"{_HEAD},characteristic,number", rows)


def _population(places: Sequence[_Place]) -> str:
    rows = [
        [year - 1, "Reporting year", *place.columns, "Children aged 0 to 17 years", place.residents[k]]
        for k, year in enumerate(_YEARS)
        for place in places
    ]
    return csv_text(f"{_HEAD},age_group,population_estimate", rows)


def _neighbours() -> str:
    """The area's neighbours, nearest first."""
    pairs = [f"SN_{rank},SN_{rank}P" for rank in range(1, 11)]
    near = ["Very close"] * 3 + ["Close"] * 7
    cells = [cell for number in range(10) for cell in (f"X{number:02d}", near[number])]
    return csv_text(f"old_la_code,la_name,region_ind,region_name,{','.join(pairs)}", [["942", AUTHORITY[1], 5,
                    _REGION[1], *cells]])  # fmt: skip


def _providers() -> str:
    """Registered providers without names, below lines of title as in the publisher's sheet; the rest in one row."""
    rows: list[list[object]] = [["Modelled providers, in the layout of the publisher's sheet", *[""] * 4], [""] * 5]
    rows.append(["Provision type", "Registration status", "Local authority", "Sector", "Places"])
    dice = Dice(60)
    for kind, sectors in _HOMES.items():
        for sector, sizes in sectors.items():
            rows += [[kind, "Active", AUTHORITY[1], sector, size] for size in sizes]
        for letter in _NEIGHBOURS:
            sizes = tuple(2 + dice.pick(5) for _ in range(8 + dice.pick(12)))
            rows += [[kind, "Active", f"Neighbour {letter} (modelled)", "Private", size] for size in sizes]
        which = list(_HOMES).index(kind)
        rows += [[kind, "Active", name, "Private", places[which]] for name, places in _REST.items()]
    rows.append(["Independent Fostering Agency", "Active", AUTHORITY[1], "Private", ""])
    return csv_text("Modelled: not official,,,,", rows)


def _costs() -> str:
    rows = [
        ["Modelled", measure, measure, period, name, value]
        for measure, (period, *values) in _COSTS.items()
        for name, value in zip((AUTHORITY[1], _REGION[1], "England"), values, strict=True)
    ]
    return csv_text("Topic,Measure_short,Measure,Years,LA and Regions,Values", rows)
