"""The modelled county on the ground: neighbourhoods that tile it, roads that join it, and where people live in it."""

import heapq
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from scipy.spatial import Delaunay, Voronoi, cKDTree

from tools.sample.places import Place, Point, outline
from tools.sample.roads import junctions, roads

_SEED = 20_230_401  # vesting day of the council; any number would do
# Distances count for more in a built-up area, so its neighbourhoods stay small beside those of the villages.
_CROWDING = {"City": 6, "Suburb": 5, "Town": 4, "Village": 1, "Hamlet": 1}
_WIGGLE = {"M": 0.03, "A": 0.15, "B": 0.17, "C": 0.19, "U": 0.21}  # sideways bend as a share of the length


class Dice:
    """A seeded stream of plain draws, the same on every machine."""

    def __init__(self, stream: int) -> None:
        self._rng = np.random.Generator(np.random.PCG64([_SEED, stream]))

    def share(self) -> float:
        """Return a number from 0 up to 1."""
        return float(self._rng.random())

    def spread(self, reach: float) -> float:
        """Return a number from -reach to +reach, likelier near 0."""
        return reach * (self.share() + self.share() - 1.0)

    def pick(self, count: int) -> int:
        """Return a whole number from 0 to count - 1."""
        return int(self.share() * count)


@dataclass(frozen=True)
class Neighbourhood:
    """A small area: its codes, name, place, the heart where people live, and its polygon (metres)."""

    code: str
    name: str
    ward_code: str
    place: Place
    heart: Point
    polygon: shapely.Polygon


@dataclass(frozen=True)
class Link:
    """A road between two junctions; `shape` in whole metres."""

    letter: str
    number: str
    primary: bool
    trunk: bool
    start: str
    end: str
    shape: tuple[Point, ...]


def hearts(places: list[Place]) -> list[tuple[Place, Point]]:
    """Return one heart per neighbourhood: the place itself, then others spaced round it (metres)."""
    dice, edge = Dice(1), shapely.Polygon(outline()).buffer(-150)
    found: list[tuple[Place, Point]] = []
    for place in places:
        taken: list[Point] = []
        while len(taken) < place.neighbourhoods:
            reach = 0 if not taken else 450 + 230 * place.neighbourhoods
            spot = (round(place.easting + dice.spread(reach)), round(place.northing + dice.spread(reach)))
            near = [other for other in [*taken, *(heart for _, heart in found)] if apart(spot, other) < 420]
            if not taken or (not near and edge.contains(shapely.Point(spot))):
                taken.append(spot)
        found += [(place, spot) for spot in taken]
    return found


def neighbourhoods(places: list[Place]) -> list[Neighbourhood]:
    """Return polygons that tile the county, one round each heart, sharing their rounded corners.

    The county is first broken into a few thousand small cells; each heart then grows over neighbouring cells, so that
    every neighbourhood is in one piece and its edge wanders as a parish boundary does.
    """
    seeds = hearts(places)
    cells = _cells([spot for _, spot in seeds])
    owner = _grow(cells, [spot for _, spot in seeds], [_CROWDING[place.kind] for place, _ in seeds])
    wards = list(dict.fromkeys(place.ward for place in places))
    letters: dict[str, int] = {}
    found = []
    for number, (place, spot) in enumerate(seeds):
        mine = [cell for cell, who in zip(cells, owner, strict=True) if who == number]
        # Normal form fixes the order, direction and starting corner of rings, which differ between GEOS versions.
        polygon = shapely.coverage_union_all(mine).normalize()
        letter = letters[place.ward] = letters.get(place.ward, -1) + 1
        ward = wards.index(place.ward) + 1
        name = f"Modelled {place.name} {ward:03d}{chr(65 + letter)}"
        found.append(Neighbourhood(f"X01{number + 1:06d}", name, f"X05{ward:06d}", place, spot, polygon))
    return found


def links(areas: list[Neighbourhood], places: list[Place]) -> list[Link]:
    """Return the road network: the roads as drawn, bent a little, and town streets to each neighbourhood's heart."""
    dice = Dice(3)
    at = {place.name: place.middle for place in places} | junctions()
    found: dict[tuple[str, str], Link] = {}
    for road in roads():
        start, shape = "", list[Point]()
        for stop in road.stops:
            if not isinstance(stop, str):
                shape.append(stop)
                continue
            legs = [*shape, at[stop]]
            if start and (start, stop) not in found and (stop, start) not in found:
                bent = _bend([at[start], *legs], _WIGGLE[road.letter], dice)
                found[start, stop] = Link(road.letter, road.number, road.primary, road.trunk, start, stop, bent)
            start, shape = stop, []
    return [*found.values(), *_streets(areas, at, dice)]


def homes(areas: list[Neighbourhood], places: list[Place], network: list[Link], counts: list[int]) -> list[list[Point]]:
    """Return where the Output Areas of each neighbourhood lie (metres): in its places first, then along its roads."""
    dice = Dice(4)
    spots = np.array([spot for link in network if link.letter != "M" for spot in link.shape])
    lanes = shapely.STRtree(shapely.points(spots))
    middles = [place.middle for place in places]
    found = []
    for area, count in zip(areas, counts, strict=True):
        inner = area.polygon.buffer(-40)
        inside = [spot for spot in middles if _within(inner, spot)]
        compact = area.place.kind in ("City", "Suburb", "Town")
        along = [tuple(map(int, spots[k])) for k in sorted(lanes.query(inner, predicate="contains"))]
        settled = [area.heart] if compact else [*inside, area.heart]
        mine = [area.heart]
        while len(mine) < count:
            first = len(mine) < len(settled) or compact or not along
            near = settled[len(mine) % len(settled)] if first else along[dice.pick(len(along))]
            spot = (round(near[0] + dice.spread(450)), round(near[1] + dice.spread(450)))
            if _within(inner, spot) and spot not in mine:
                mine.append(spot)
        found.append(mine)
    return found


def apart(one: Point, other: Point) -> float:
    """Return the straight distance in metres (a square root is rounded the same everywhere; hypot is not)."""
    return float(((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5)


def _within(polygon: shapely.Geometry, spot: tuple[float, float]) -> bool:
    return bool(polygon.contains(shapely.Point(spot)))


def _cells(seeds: list[Point]) -> list[shapely.Polygon]:
    """Return a fine tiling of the county: Voronoi cells of scattered points, finer round the seeds, cut at its edge."""
    dice, edge = Dice(2), outline()
    spots = list(seeds)
    for seed in seeds:
        spots += [(round(seed[0] + dice.spread(1100)), round(seed[1] + dice.spread(1100))) for _ in range(7)]
    spots += [
        (round(east + dice.spread(1100)), round(north + dice.spread(1100)))
        for east in range(292_000, 372_000, 1700)
        for north in range(475_000, 590_000, 1700)
    ]
    origin = np.array([330_000, 530_000])
    frame = [(-300_000, -300_000), (300_000, -300_000), (-300_000, 300_000), (300_000, 300_000)]
    diagram = Voronoi(np.vstack([np.array(sorted(set(spots))) - origin, frame]))
    corners = np.rint(diagram.vertices + origin)
    ridges = [corners[pair] for pair in diagram.ridge_vertices if min(pair) >= 0]
    lines = [shapely.LineString(ridge) for ridge in ridges if (ridge[0] != ridge[1]).any()]
    noded = shapely.union_all([*lines, shapely.LinearRing(edge)], grid_size=1)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    county = shapely.Polygon(edge)
    return sorted((face for face in faces if county.contains(face.representative_point())), key=_corner)


def _corner(polygon: shapely.Polygon) -> list[tuple[float, ...]]:
    return sorted(polygon.exterior.coords)


def _grow(cells: list[shapely.Polygon], seeds: list[Point], crowding: list[int]) -> list[int]:
    """Return which seed owns each cell: the first to reach it, going from cell to neighbouring cell."""
    sides: dict[frozenset[tuple[float, ...]], list[int]] = {}
    for number, cell in enumerate(cells):
        for side in pairwise(cell.exterior.coords):
            sides.setdefault(frozenset(side), []).append(number)
    beside: list[set[int]] = [set() for _ in cells]
    for pair in sides.values():
        if len(pair) == 2:
            beside[pair[0]].add(pair[1])
            beside[pair[1]].add(pair[0])
    centres = [(round(cell.centroid.x), round(cell.centroid.y)) for cell in cells]
    tree = shapely.STRtree(cells)
    queue = [(0.0, seed, int(min(tree.query(shapely.Point(spot), "intersects")))) for seed, spot in enumerate(seeds)]
    owner = [-1] * len(cells)
    heapq.heapify(queue)
    while queue:
        cost, seed, cell = heapq.heappop(queue)
        if owner[cell] >= 0:
            continue
        owner[cell] = seed
        for other in sorted(beside[cell]):
            step = round(apart(centres[cell], centres[other])) * crowding[seed]
            heapq.heappush(queue, (cost + step, seed, other))
    return owner


def _bend(stops: list[Point], wiggle: float, dice: Dice) -> tuple[Point, ...]:
    """Return the line through the stops with its middles pushed sideways, again and again, until steps are short."""
    line = stops[:1]
    for start, end in pairwise(stops):
        legs = [start, end]
        while apart(start, end) / (len(legs) - 1) > 700:
            finer = legs[:1]
            for (x0, y0), (x1, y1) in pairwise(legs):
                push = dice.spread(2 * wiggle)
                finer += [(round((x0 + x1) / 2 - push * (y1 - y0)), round((y0 + y1) / 2 + push * (x1 - x0))), (x1, y1)]
            legs = finer
        line += legs[1:]
    return tuple(line)


def _streets(areas: list[Neighbourhood], at: dict[str, Point], dice: Dice) -> list[Link]:
    """Return streets from each town neighbourhood's heart to the nearest hearts and to its place."""
    taken = set(at.values())
    nodes = at | {f"street {area.code}": area.heart for area in areas if area.heart not in taken}
    names = list(nodes)
    spots = np.array([nodes[name] for name in names])
    triangles = Delaunay(spots - spots[0]).simplices
    pairs = sorted({(min(a, b), max(a, b)) for t in triangles.tolist() for a, b in [t[:2], t[1:], t[::2]]})
    tree = cKDTree(spots)
    found = []
    for one, other in pairs:
        length = apart(nodes[names[one]], nodes[names[other]])
        if not (names[one].startswith("street") or names[other].startswith("street")):
            continue
        # Gabriel rule: no third junction inside the circle between the two, so streets do not cross.
        middle = (spots[one] + spots[other]) / 2
        if length < 2600 and len(tree.query_ball_point(middle, length / 2 - 1)) == 0:
            shape = _bend([nodes[names[one]], nodes[names[other]]], 0.1, dice)
            found.append(Link("S", "", False, False, names[one], names[other], shape))
    return found
