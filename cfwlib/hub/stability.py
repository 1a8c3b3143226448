"""Families rely on the stops they know: bring in the last plan, and show what keeping its stops costs."""

import pandas as pd

from cfwlib.errors import PlanError
from cfwlib.hub.plan import HubPlan, plan_hub
from cfwlib.reading import parse_json, reading


def with_last_plan(venues: pd.DataFrame, last: HubPlan) -> pd.DataFrame:
    """Return venues with `last_visits`, their visits a cycle in the last plan; 0 for venues it did not visit.

    Parameters
    ----------
    venues
        As for `plan_hub`. Venues of the last plan that are not among them are lost, whatever the penalty.
    last
        The last period's plan, of a cycle of as many weeks.
    """
    visits = last.visits["venue"].value_counts().reindex(venues["venue"], fill_value=0)
    return venues.assign(last_visits=visits.to_numpy())


def read_last_plan(text: str, name: str) -> HubPlan:
    """Return the plan that a plan.json tells of.

    Parameters
    ----------
    text
        Content of the file.
    name
        Its name, for messages.

    Raises
    ------
    PlanError
        When it is not a plan.
    """
    how = "is not the plan.json that a run of 03_mobile_hub left behind"
    content = parse_json(text, f"last_plan '{name}'", "Give that file.", how=how, raises=PlanError)
    with reading(f"last_plan '{name}'", "Give that file.", how=how, raises=PlanError, tell=False):
        plan = HubPlan.from_dict(content)
        plan.to_dict()  # text where numbers belong shows when the whole of it is told again
        return plan


def price_of_stability(plan: HubPlan) -> pd.DataFrame:
    """Return what sparing the last plan's stops costs: the plan with its penalty, and the best there is without.

    Parameters
    ----------
    plan
        Planned with `last_visits` and a `change_penalty`; decisions and floors hold in both.

    Returns
    -------
    table
        Rows 'as planned' and 'without the penalty': `value` (children likely to need help, weighted), `changes` (stops
        of the last plan dropped or made rarer), `price` (value forgone), `price_at_most` (by the bound), `status`.
    """
    instance = plan.instance
    rules = instance.settings.model_copy(update={"change_penalty": 0.0})
    free = plan_hub(instance.points, instance.venues, instance.minutes, rules)
    rows = [(p.value, p.changes, free.value - p.value, free.bound - p.value, p.status) for p in (plan, free)]
    columns = ["value", "changes", "price", "price_at_most", "status"]
    return pd.DataFrame(rows, columns=columns, index=["as planned", "without the penalty"])
