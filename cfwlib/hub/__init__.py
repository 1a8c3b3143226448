"""The mobile family hub: candidate venues, day tours, a proven plan, its timetable and an independent check."""

from cfwlib.hub.check import check_plan
from cfwlib.hub.day import clock
from cfwlib.hub.instance import HubMinutes, instance_from_dict
from cfwlib.hub.plan import HubPlan, plan_hub
from cfwlib.hub.study import PLAN_FIGURES, HubStudy, plan_figures, plan_json, study_hub
from cfwlib.hub.timetable import timetable
from cfwlib.hub.venues import choose_candidates
from cfwlib.settings import HubSettings

__all__ = [
    "PLAN_FIGURES",
    "HubMinutes",
    "HubPlan",
    "HubSettings",
    "HubStudy",
    "check_plan",
    "choose_candidates",
    "clock",
    "instance_from_dict",
    "plan_figures",
    "plan_hub",
    "plan_json",
    "study_hub",
    "timetable",
]
