"""The layouts of the official files, filled with the modelled county: each function returns file names and texts."""

import csv
import json
from collections.abc import Iterable
from io import StringIO
from typing import Any

import shapely

from tools.sample.people import County, decile, deprivation, score, share_out
from tools.sample.places import lakes

AUTHORITY = ("E06000063", "Cumberland")
_DISTRICTS = {"Allerdale": "E07000026", "Carlisle": "E07000028", "Copeland": "E07000029"}
_RUC11 = {
    "C1": "Urban city and town",
    "D1": "Rural town and fringe",
    "E1": "Rural village and dispersed",
    "E2": "Rural village and dispersed in a sparse setting",
}
_RUC21 = {
    f"{size}{distance}1": f"{words}: {where} a major town or city"
    for size, words in {"U": "Urban", "RL": "Larger rural", "RS": "Smaller rural"}.items()
    for distance, where in {"N": "Nearer to", "F": "Further from"}.items()
}
_BANDS = {
    "Aged 15 years and under": (0, 15),
    "Aged 16 to 24 years": (16, 24),
    "Aged 25 to 34 years": (25, 34),
    "Aged 35 to 49 years": (35, 49),
    "Aged 50 to 64 years": (50, 64),
    "Aged 65 years and over": (65, 90),
}
_ROAD_WORDS = {
    "M": ("Motorway", "Motorway"),
    "A": ("A Road", "A Road"),
    "B": ("B Road", "B Road"),
    "C": ("Classified Unnumbered", "Minor Road"),
    "U": ("Unclassified", "Minor Road"),
    "S": ("Unclassified", "Local Road"),
}


def csv_text(head: str, rows: Iterable[Iterable[object]]) -> str:
    """Return a table as text: a comma-separated heading, then one line per row."""
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return f"{head}\n{out.getvalue()}"


def geojson_text(name: str, features: Iterable[tuple[dict[str, Any], str, Any]]) -> str:
    """Return (properties, geometry type, coordinates) as a collection on EPSG:27700, one feature a line."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": fields, "geometry": {"type": kind, "coordinates": shape}},
            separators=(",", ":"),
        )
        for fields, kind, shape in features
    ]
    crs = '{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::27700"}}'
    body = ",\n".join(lines)
    return f'{{"type":"FeatureCollection","name":"{name}","crs":{crs},"features":[\n{body}\n]}}\n'


def boundaries(county: County) -> dict[str, str]:
    """Return the same polygons as LSOAs of 2011 and of 2021."""
    return {
        f"LSOA_20{year}_Boundaries.geojson": geojson_text(
            f"LSOA_20{year}_Boundaries",
            (
                ({f"LSOA{year}CD": area.code, f"LSOA{year}NM": area.name}, "Polygon", _rings(area.polygon))
                for area in county.areas
            ),
        )
        for year in ("11", "21")
    }


def lookups(county: County) -> dict[str, str]:
    """Return the lookups between vintages, wards and authorities, and the rural-urban classes of both vintages."""
    both = list(zip(county.areas, county.people, strict=True))
    old = ([*[a.code, a.name] * 2, "U", _DISTRICTS[a.place.district], a.place.district] for a in county.areas)
    wards = ([a.code, a.name, a.ward_code, f"{a.place.ward} (modelled)", *AUTHORITY] for a in county.areas)
    ruc11 = ([a.code, a.name, group.ruc11, _RUC11[group.ruc11]] for a, group in both)
    ruc21 = ([a.code, a.name, g.ruc21, _RUC21[g.ruc21], "Rural" if g.rural else "Urban"] for a, g in both)
    return {
        "LSOA11_LSOA21_LAD22_Lookup.csv": csv_text("LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD,LAD22NM", old),
        "LSOA21_WD24_LAD24_Lookup.csv": csv_text("LSOA21CD,LSOA21NM,WD24CD,WD24NM,LAD24CD,LAD24NM", wards),
        "RUC11_LSOA11.csv": csv_text("LSOA11CD,LSOA11NM,RUC11CD,RUC11", ruc11),
        "RUC21_LSOA21.csv": csv_text("LSOA21CD,LSOA21NM,RUC21CD,RUC21NM,Urban_rural_flag", ruc21),
    }


def census(county: County) -> dict[str, str]:
    """Return residents (total, six bands, single years) and cars; the mid-2020 ages fit the Census exactly."""
    both = list(zip(county.areas, county.people, strict=True))
    start, cars = "date,geography,geography code", "Number of cars or vans"
    residence = ",".join(
        f"Residence type: {kind}; measures: Value"
        for kind in ("Total", "Lives in a household", "Lives in a communal establishment")
    )
    years = ",".join(map(str, range(90)))
    single = ([a.code, a.name, g.residents, *g.ages] for a, g in both)
    total = ([2021, a.name, a.code, g.residents, g.in_households, g.residents - g.in_households] for a, g in both)
    bands = (
        [a.code, a.name, band, sum(g.ages[first : last + 1])] for a, g in both for band, (first, last) in _BANDS.items()
    )
    return {
        "SAPE_LSOA11_mid2020_single_year_of_age.csv": csv_text(f"LSOA Code,LSOA Name,All Ages,{years},90+", single),
        "census2021-ts001-lsoa.csv": csv_text(f"{start},{residence}", total),
        "census2021-age6-lsoa21.csv": csv_text("LSOA21CD,LSOA21NM,age_group,usual_residents", bands),
        "census2021-ts045-lsoa.csv": csv_text(
            f"{start},{cars}: Total: All households,{cars}: No cars or vans in household,"
            f"{cars}: 1 car or van in household,{cars}: 2 cars or vans in household,"
            f"{cars}: 3 or more cars or vans in household",
            ([2021, a.name, a.code, sum(g.cars), *g.cars] for a, g in both),
        ),
    }


def indices_of_deprivation(county: County, year: int) -> dict[str, str]:
    """Return File 7 of the Indices of Deprivation 2019 (LSOA 2011) or 2025 (LSOA 2021)."""
    england, vintage, district = (32_844, 2011, 2019) if year == 2019 else (33_755, 2021, 2024)
    most, tenth = "(where 1 is most deprived)", "(where 1 is most deprived 10% of LSOAs)"
    imd, idaci = "Index of Multiple Deprivation (IMD)", "Income Deprivation Affecting Children Index (IDACI)"
    head = [f"LSOA {word} ({vintage})" for word in ("code", "name")]
    head += [f"Local Authority District {word} ({district})" for word in ("code", "name")]
    head += [f"{imd} Score", f"{imd} Rank {most}", f"{imd} Decile {tenth}"]
    head += ["Income Score (rate)", f"Income Rank {most}", f"Income Decile {tenth}"]
    head += [f"{idaci} Score (rate)", f"{idaci} Rank {most}"]
    head += [f"{name} Sub-domain Rank {most}" for name in ("Children and Young People", "Geographical Barriers")]
    head += ["Total population: mid 2015 (excluding prisoners)" if year == 2019 else "Total population: mid 2022"]
    drift = 1003 if year == 2019 else 1006  # denominators are of another year than the Census
    rows = []
    for area, group, ranks in zip(county.areas, county.people, deprivation(county, england, stream=year), strict=True):
        where = (_DISTRICTS[area.place.district], area.place.district) if year == 2019 else AUTHORITY
        scores = {name: f"{score(name, ranks[name], england):.3f}" for name in ("imd", "income", "idaci")}
        row: list[object] = [area.code, area.name, *where]
        for name in ("imd", "income"):
            row += [scores[name], ranks[name], decile(ranks[name], england)]
        row += [scores["idaci"], ranks["idaci"], ranks["children"], ranks["barriers"]]
        rows.append([*row, group.residents * drift // 1000])
    return {f"File_7_IoD{year}_modelled.csv": csv_text(",".join(head), rows)}


def over_points(total: int, points: int) -> list[int]:
    """Share people or households of a neighbourhood out over its Output Areas."""
    return share_out(total, [90 + (37 * k) % 31 for k in range(points)])


def output_areas(county: County) -> dict[str, str]:
    """Return the Output Areas as points: where people live within each neighbourhood."""
    rows: list[list[object]] = []
    for area, group, spots in zip(county.areas, county.people, county.homes, strict=True):
        residents, households = over_points(group.residents, len(spots)), over_points(sum(group.cars), len(spots))
        carless = share_out(group.cars[0], households)
        for k, spot in enumerate(spots):
            kind = [group.ruc11, _RUC11[group.ruc11], group.rural]
            counts = [residents[k], households[k], carless[k]]
            rows.append([f"X00{len(rows) + 1:06d}", area.code, residents[k], *spot, *kind, *counts])
    head = "OA11CD,LSOA11CD,pop,easting,northing,RUC11CD,RUC11,rural,pop2021,households,nocar"
    return {"OA_points.csv": csv_text(head, rows)}


def road_links(county: County) -> dict[str, str]:
    """Return the roads in the RoadLink layout of OS Open Roads."""
    nodes: dict[str, str] = {}
    features = []
    for number, link in enumerate(county.network, start=1):
        ends = [nodes.setdefault(end, f"modelled-node-{len(nodes) + 1:04d}") for end in (link.start, link.end)]
        classification, function = _ROAD_WORDS[link.letter]
        fields = {
            "id": f"modelled-link-{number:04d}",
            "road_classification": classification,
            "road_function": function,
            "form_of_way": "Dual Carriageway" if link.letter == "M" else "Single Carriageway",
            "road_classification_number": link.number,
            "length": round(shapely.LineString(link.shape).length),
            "start_node": ends[0],
            "end_node": ends[1],
            "trunk_road": link.trunk,
            "primary_route": link.primary,
        }
        features.append((fields, "LineString", link.shape))
    return {"road_link.geojson": geojson_text("road_link", features)}


def lake_shapes() -> dict[str, str]:
    """Return the lakes as OS open data names them."""
    fields = {"CODE": 6202, "LEGEND": "Lake / other inland water polygon"}
    shapes = [shapely.Polygon(shore).normalize() for shore in lakes().values()]
    return {"lakes.geojson": geojson_text("lakes", ((fields, "Polygon", _rings(shape)) for shape in shapes))}


def place_names(county: County) -> dict[str, str]:
    """Return the places in the layout of OS Open Names."""
    local = {"Suburb": "Suburban Area"}
    rows = [
        [place.name, "populatedPlace", local.get(place.kind, place.kind), place.easting, place.northing]
        for place in county.places
    ]
    return {
        "os_open_names_modelled.csv": csv_text(
            "ID,NAME1,TYPE,LOCAL_TYPE,GEOMETRY_X,GEOMETRY_Y,DISTRICT_BOROUGH,COUNTY_UNITARY",
            ([f"modelled{number:04d}", *row, "", AUTHORITY[1]] for number, row in enumerate(rows, start=1)),
        )
    }


def plans() -> dict[str, str]:
    """Return the one published row of education, health and care plans."""
    head = "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,new_la_code"
    head += ",old_la_code,la_name,breakdown_topic,breakdown,ehc_plans"
    row = [202223, "Academic year", "Local authority", "E92000001", "England", "E12000002", "North West", AUTHORITY[0]]
    row += [942, AUTHORITY[1], "All EHC plans", "All EHC plans", 2721]
    return {"sen_needs_all_plans_modelled.csv": csv_text(head, [row])}


def _rings(polygon: shapely.Polygon) -> list[list[list[int]]]:
    return [[[int(x), int(y)] for x, y in ring.coords] for ring in [polygon.exterior, *polygon.interiors]]
