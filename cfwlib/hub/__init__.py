"""The mobile family hub: candidate venues, day tours, a proven plan, its timetable and an independent check."""

from cfwlib.hub.answers import place_answers
from cfwlib.hub.calendar import HubCalendar, dated_table, dates_left_out, hub_calendar, stop_dates
from cfwlib.hub.check import check_plan
from cfwlib.hub.day import clock
from cfwlib.hub.decision_costs import decision_costs
from cfwlib.hub.decisions import Decisions, area_decisions, read_decisions
from cfwlib.hub.driven import compare_driven
from cfwlib.hub.instance import HubMinutes, instance_from_dict
from cfwlib.hub.names import village_first
from cfwlib.hub.options import HubOptions, hub_options, option_figures
from cfwlib.hub.plan import HubPlan, plan_hub
from cfwlib.hub.stability import price_of_stability, with_last_plan
from cfwlib.hub.study import PLAN_FIGURES, HubStudy, check_places_named, plan_figures, plan_json, study_hub
from cfwlib.hub.timetable import timetable
from cfwlib.hub.value import need_by, reached_by_age
from cfwlib.hub.venues import choose_candidates
from cfwlib.hub.worth import WORTH_FIGURES, HubWorth, study_worth, worth_figures
from cfwlib.settings import HubSettings

__all__ = [
    "PLAN_FIGURES",
    "WORTH_FIGURES",
    "Decisions",
    "HubCalendar",
    "HubMinutes",
    "HubOptions",
    "HubPlan",
    "HubSettings",
    "HubStudy",
    "HubWorth",
    "area_decisions",
    "check_places_named",
    "check_plan",
    "choose_candidates",
    "clock",
    "compare_driven",
    "dated_table",
    "dates_left_out",
    "decision_costs",
    "hub_calendar",
    "hub_options",
    "instance_from_dict",
    "need_by",
    "option_figures",
    "place_answers",
    "plan_figures",
    "plan_hub",
    "plan_json",
    "price_of_stability",
    "reached_by_age",
    "read_decisions",
    "stop_dates",
    "study_hub",
    "study_worth",
    "timetable",
    "village_first",
    "with_last_plan",
    "worth_figures",
]
