"""The plans to choose from, side by side: what each reaches, what it takes, and what is given up for the farthest."""

import pandas as pd

from cfwlib.hub import HubOptions, HubPlan
from cfwlib.hub.options import BANDS_MIN, band_of, need_reached_at, options_frame
from cfwlib.report.curves import curves
from cfwlib.report.figures import Chart
from cfwlib.words import count_words, number_words

TITLES = {"most_children": "Most children", "balanced": "Balanced", "farthest_first": "Farthest first"}
_BANDS = band_of(pd.Series([*BANDS_MIN[1:], 1e9]))
_BAND = {name: name.replace("_plus", " and more").replace("_", " to ") for name in _BANDS}
OPTION_FIGURES = {  # name in figures.json -> what it is, and its unit
    "remote_children": ("who live farther than remote_min from help by car today", "children"),
    "remote_children_reached": ("of the most remote, within reach of a stop", "children"),
    "remote_children_bound": ("of the most remote, that no plan of whole rounds exceeds", "children"),
    "need_reached": ("likely to need help and reached, counted by frequency", "children"),
    "need_bound": ("so counted, that no plan of the same aim exceeds", "children"),
    **{
        f"need_reached_by_{name}": (f"reached, so counted, who live {words} minutes from help by car today", "children")
        for name, words in _BAND.items()
    },
    **{
        f"plan_{name}_{what}": (f"{title}: {told}", unit)
        for name, title in TITLES.items()
        for what, told, unit in (
            ("need_reached", "likely to need help and reached, counted by frequency", "children"),
            ("remote_reached", "of the most remote reached", "children"),
            ("stops", "places visited", "stops"),
            ("status", "what is proven", "text"),
        )
    },
}


def options_table(options: HubOptions) -> pd.DataFrame:
    """Return the named plans side by side: what each reaches, and what it takes a week."""
    frame = options_frame(options)
    frame = frame[frame["name"] != ""].assign(name=lambda f: f["name"].map(TITLES))
    more = "at most " + (frame["bound"] - frame["value"]).map("{:.0f}".format) + " more can be reached"
    frame["proven"] = more.mask(frame["proven"], "no plan reaches more")
    frame["order"] = frame["name"].map({title: at for at, title in enumerate(TITLES.values())})
    frame = frame.sort_values(["cycle_weeks", "order"])
    if not frame["gbp_per_year"].any():
        frame = frame.drop(columns="gbp_per_year")
    names = {
        "name": "plan", "cycle_weeks": "cycle, weeks", "value": "children reached, weighted",
        "remote_reached": "most remote reached", "without_car": "without a car", "visits_per_week": "visits a week",
        "km_per_week": "km a week", "hours_driven_per_week": "hours driven a week",
        "hours_on_duty_per_week": "hours on duty a week", "gbp_per_year": "£ a year, as far as priced",
    }  # fmt: skip
    shown = frame.drop(columns=["share", "bound", "remote_bound", "order"])
    whole = ["value", "remote_reached", "without_car", "km_per_week", *{"gbp_per_year"} & {*shown}]
    shown = shown.round(dict.fromkeys(whole, 0) | dict.fromkeys(["visits_per_week"], 1))
    shown = shown.round(dict.fromkeys(["hours_driven_per_week", "hours_on_duty_per_week"], 0))
    return shown.rename(columns=names)


def stops_of_options(options: HubOptions, names: pd.Series) -> pd.DataFrame:
    """Return where each named plan stops and how often, the places that most of them share first.

    Parameters
    ----------
    options
        From `hub_options`.
    names
        What a place is called; index: venue ids.
    """
    columns = {
        f"{TITLES[name]}, {count_words(weeks, 'week')}": plan.venues.set_index("venue")["frequency"]
        for (name, weeks), plan in options.named.items()
    }
    table = pd.DataFrame(columns).fillna("")
    table = table[(table != "").any(axis=1)]
    table = table.iloc[(-(table != "").sum(axis=1)).argsort(kind="stable")]
    table.insert(0, "place", names.reindex(table.index))
    return table.reset_index(drop=True)


def answers_table(answers: pd.DataFrame) -> pd.DataFrame:
    """Return what each place is told as it is read, from `place_answers`."""
    shown = answers.round(dict.fromkeys(["minutes_today", *{*TITLES} & {*answers}], 0))
    names = {"minutes_today": "minutes to help today", "why": "where no plan comes near"}
    return shown.rename(columns=names | {name: f"{title}: minutes to a stop" for name, title in TITLES.items()})


def bands_table(options: HubOptions, minutes: pd.Series) -> pd.DataFrame:
    """Return the need that each named plan of the page's cycle reaches, by minutes to help today.

    Parameters
    ----------
    options
        From `hub_options`.
    minutes
        Minutes by car to help today; index: point ids.
    """
    columns, unmet = {}, None
    for (name, weeks), plan in options.named.items():
        band = band_of(minutes.reindex(plan.clients["point"]))
        if unmet is None:
            need = (plan.clients["need_car"] + plan.clients["need_foot"]).set_axis(plan.clients["point"])
            unmet = need.groupby(band).sum()
        columns[f"{TITLES[name]}, {count_words(weeks, 'week')}"] = need_reached_at(plan).groupby(band).sum()
    table = pd.DataFrame({"not reached today": unmet, **columns}).reindex(list(_BAND)).fillna(0.0).round(0)
    table.index = pd.Index([_BAND[name] for name in table.index], name="minutes by car to help today")
    return table.reset_index()


def options_chart(options: HubOptions, source: str) -> Chart:
    """Return need reached against the most remote children reached, one line per cycle."""
    frame = options_frame(options)
    lines = {
        count_words(weeks, "week").capitalize(): frame[frame["cycle_weeks"] == weeks].sort_values("remote_reached")
        for weeks in sorted({weeks for _, weeks in options.plans})
    }
    least, most = frame["remote_reached"].min(), frame["remote_reached"].max()
    return curves(
        lines, x="remote_reached", y="value", x_unit="", y_unit="children", x_label="Most remote children reached",
        y_label="Children reached, weighted by frequency",
        title=f"Reaching {number_words(least)} to {number_words(most)} of the most remote: what each plan gives up",
        source=source,
    )  # fmt: skip


def options_words(plan: HubPlan, options: HubOptions) -> list[str]:
    """Return what is given up for the farthest, in plain words, and what the default assumes."""
    rules, told = plan.instance.settings, []
    if not plan.remote_children:
        return [f"No child the hub is for lives more than {rules.remote_min:g} minutes from help by car."]
    weeks = rules.cycle_weeks
    most, far = (options.named.get((name, weeks)) for name in ("most_children", "farthest_first"))
    if most and far:
        gained, lost = far.remote_reached - most.remote_reached, most.value - far.value
        told.append(
            f"Farthest first reaches {number_words(far.remote_reached)} of the {number_words(plan.remote_children)} "
            f"children who live more than {rules.remote_min:g} minutes from help, {number_words(gained)} more than the "
            f"plan for most children; that costs {number_words(lost)} of the {number_words(most.value)} children "
            "likely to need help whom that one reaches (counted by frequency)."
        )
    rare = [f for f in rules.frequencies if f.value < 1]
    if rare:
        worth = " and ".join(f"a {f.name} visit as {f.value:.0%} of a weekly one" for f in rare)
        told.append(f"This counts {worth}: if a rare visit is worth more to families, more places seldom are better.")
    if rules.aim == "balanced":
        told.append(
            f"The page's plan is balanced: the most children likely to need help, among plans that reach at least "
            f"{rules.remote_share:.0%} of the most remote children that rounds repeated as a whole can (remote_share)."
        )
    return told
