"""The panel in which planners keep, ban or demand venues, and take their decisions away as a file."""

import html
import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from cfwlib.hub import HubStudy
from cfwlib.hub.decisions import COLUMNS, Decisions
from cfwlib.hub.timetable import WEEKDAYS
from cfwlib.pages.data import KINDS
from cfwlib.report.maps import add_points
from cfwlib.report.numbers import plain_number
from cfwlib.report.offline import ASSETS, OfflineMap

_HEADINGS = ("Place", "Kind", "In the plan reviewed", "Need reached", "Need in reach", "Decision", "Comment")


def review_panel(venues: pd.DataFrame, *, area: str, code: str, run: str, decisions: Decisions | None = None) -> str:
    """Return the panel as HTML that works without the network: table, running list, download.

    Parameters
    ----------
    venues
        From `review_venues`.
    area, code
        Name and code of the authority.
    run
        The run reviewed; its marks are kept apart from those of other runs.
    decisions
        Those the run has honoured: the panel starts from them.

    Returns
    -------
    panel
        One section with its style and script; every text is escaped.
    """
    known = decisions.table[COLUMNS].to_dict("records") if decisions else []
    about = json.dumps({"area": area, "code": code, "run": run, "decisions": known}, ensure_ascii=False)
    numeric = ("Need reached", "Need in reach")
    head = "".join(f'<th scope="col"{" class=n" if h in numeric else ""}>{h}</th>' for h in _HEADINGS)
    rows = [_row(at, venue) for at, venue in enumerate(venues.to_dict("records"))]
    page, css, script = ((ASSETS / f"review.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return page.format(about=html.escape(about), css=css, head=head, rows="\n".join(rows), script=script)


def review_venues(study: HubStudy) -> pd.DataFrame:
    """Return every place considered in the panel's order: stops of the plan, other candidates, places left out.

    Columns are `venue` (id), `name`, `kind`, `group` (plan, candidate or out), `frequency` (empty = not visited),
    `status`, `reason`, `need_reached` and `need_in_reach` (children).

    Parameters
    ----------
    study
        From `study_hub`.
    """
    plan, places = study.plan, study.candidates[["venue", "name", "kind", "need_in_reach", "reason"]]
    planned = plan.venues.set_index("venue")[["status", "frequency", "need_reached", "reason"]]
    out = pd.DataFrame(places).join(planned, on="venue", rsuffix="_planned")
    days = plan.visits.drop_duplicates("venue").set_index("venue")["weekday"].map(WEEKDAYS)
    chosen, candidate = out["status"] == "chosen", out["status"].notna()
    visited = out["frequency"].fillna("") + ", " + out["venue"].map(days).fillna("")
    out["group"] = np.select([chosen, candidate], ["plan", "candidate"], "out")
    out["status"] = visited.where(chosen, out["status"].fillna("left out"))
    out["reason"] = out["reason_planned"].fillna(out["reason"])
    out = out.fillna({"frequency": "", "need_reached": 0.0}).assign(
        rank=out["group"].map({"plan": 0, "candidate": 1, "out": 2})
    )
    order = ["rank", "need_reached", "need_in_reach", "name", "venue"]
    out["kind"] = out["kind"].map(KINDS).fillna(out["kind"])
    return out.sort_values(order, ascending=[True, False, False, True, True], ignore_index=True)


def add_candidates(offline_map: OfflineMap, study: HubStudy) -> None:
    """Draw the candidates that the plan leaves out, each linked to its row in the panel.

    Parameters
    ----------
    offline_map
        Map to draw on.
    study
        From `study_hub`.
    """
    places = review_venues(study)
    shown = study.candidates[["venue", "geometry"]].merge(places[places["group"] == "candidate"], on="venue")
    shown = gpd.GeoDataFrame(shown.assign(need=shown["need_in_reach"].round()), crs=study.candidates.crs)
    tooltip = {"name": "Candidate", "status": "Plan", "need": "Likely to need help, in reach"}
    name = "Candidates, not visited"
    add_points(offline_map, shown, layer_name=name, tooltip=tooltip, colour="#6c757d", ids="venue")


def decisions_table(decisions: Decisions, costs: pd.DataFrame) -> pd.DataFrame:
    """Return each decision with its comment and what withdrawing it alone would gain; at the end, all together.

    Parameters
    ----------
    decisions
        What planners decided in a file.
    costs
        From `decision_costs`; decisions that only the settings name are listed too.
    """
    wanted, prices = ["name", "decision", "comment", "venue"], ["value", "gained", "gained_at_most", "proven"]
    by_venue = costs[costs["venue"] != ""].set_index("venue")
    others = by_venue[~by_venue.index.isin(decisions.table["venue"])].reset_index()
    others = others.assign(decision=others["withdrawn"], comment="named in the settings of this run")
    rows = pd.concat([decisions.table[wanted], others[wanted]]).join(by_venue[prices], on="venue")
    last = "All of them together" if len(rows) else "No decision was given to this run"
    total = costs.tail(1).assign(name=last, decision="", comment="")
    table = pd.concat([rows.astype({"proven": object}), total[[*wanted, *prices]]], ignore_index=True)
    words = {True: "proven", False: "not proven best"}
    verdict = [words.get(proven, "not a candidate, so it costs nothing") for proven in table["proven"]]
    table["verdict"] = pd.Series(verdict).mask(table["decision"] == "none", "no decision")
    table = table.drop(columns=["venue", "proven"]).astype({"value": float, "gained": float, "gained_at_most": float})
    return table.rename(columns={"value": "reached_if_withdrawn", "gained": "gained_if_withdrawn"}).round(1)


def _row(at: int, venue: dict[Any, Any]) -> str:
    text = {key: html.escape(str(value)) for key, value in venue.items()}
    reached, in_reach = (html.escape(plain_number(venue[key], decimals=0)) for key in ("need_reached", "need_in_reach"))
    return (
        f'<tr id="place-{at}" data-venue="{text["venue"]}" data-group="{text["group"]}" '
        f'data-frequency="{text["frequency"]}"><th scope="row">{text["name"]}</th><td>{text["kind"]}</td>'
        f'<td>{text["status"]}<small>{text["reason"]}</small></td><td class="n">{reached}</td>'
        f'<td class="n">{in_reach}</td><td></td><td></td></tr>'
    )
