"""What the page of the next permanent site says in words: where, how much it brings, whether that is proven best."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cfwlib.report.figures import Chart, bars
from cfwlib.settings import Settings
from cfwlib.sites import QUESTIONS, SitesStudy
from cfwlib.words import at_most, count_words, part_words, share_words, shown_difference

Answers = Mapping[int, Mapping[Any, Any]]
_ONE = ("child likely to need help", "children likely to need help")
_ALL = ("child", "children")


def whom(settings: Settings) -> tuple[str, str]:
    """Return whom the sites are for, in the singular and the plural."""
    return _ONE if settings.site_weight == "need" else _ALL


def sites_answer(study: SitesStudy, settings: Settings) -> str:
    """Return where one more site would bring most people within reach, and whether any other place could do better.

    Parameters
    ----------
    study
        From `study_sites`.
    settings
        Limits, and whom to count.
    """
    cover = _answers(study, "cover")
    today, one, who = cover[0], cover[1], whom(settings)
    limits = f"{settings.limit_drive_min:g} minutes' drive, or {settings.limit_walk_min:g} minutes' walk without a car"
    places = part_words(0, len(study.candidates), "place")
    gain = _gain(cover, 1)
    if not study.people > 0:
        return f"There are no {who[1]} in the data: nothing can be said of who is in reach."
    if gain <= 0:
        more = "" if one["proven"] else ", but not all of them were ruled out"
        lead = f"{places[0].upper()}{places[1:]} considered was found to bring"
        return f"{lead} more {who[1]} within reach ({limits}){more}."
    shares = [share_words(row["value"] / study.people, 1) for row in (one, today)]
    told = f"{shares[0]} instead of {shares[1]}" if shares[0] != shares[1] else f"{shares[0]}, as without it"
    verdict = _verdict(study, one)
    return (
        f"One more permanent site would bring most {who[1]} within reach ({limits}) at {one['sites']}: {gain:,} more, "
        f"{told}. {verdict}"
    )


def _verdict(study: SitesStudy, one: Mapping[Any, Any]) -> str:
    considered = f"{count_words(len(study.candidates), 'place')} considered"
    if one["proven"] and one["bound"] - one["value"] < 1:
        return f"Proven: none of the {considered} would bring one child more."
    lead = f"Proven: none of the {considered}" if one["proven"] else f"Not proven best of the {considered}: none"
    return f"{lead} would bring more than {at_most(one['bound'])} within reach."


def sites_points(study: SitesStudy, settings: Settings) -> list[str]:
    """Return the answers to the three questions in sentences, each marked where it is not proven best."""
    cover, mean, longest = (_answers(study, question) for question in QUESTIONS)
    one, several = whom(settings)
    most = max(cover)
    together = f"; {most} sites together bring {_gain(cover, most):,} more" if most > 1 else ""
    first = "For most within reach: no further site brings anybody."
    if _gain(cover, 1) > 0:
        first = (
            f"For most within reach: {cover[1]['sites']}, "
            f"{count_words(_gain(cover, 1), f'more {one}', f'more {several}')}{_open(cover, 1)}{together}"
            f"{_open(cover, most) if most > 1 else ''}."
        )
    left = max(0, round(study.people) - round(cover[most]["value"]))
    sites = count_words(most, "more site")
    rest = f"With {sites} so chosen nobody would be out of reach."
    if left:
        rest = (
            f"With {sites} so chosen {count_words(left, one, several)} would still be out of reach: what a building "
            "cannot do, a mobile hub, a bus or an outreach worker must."
        )
    return [first, f"{_minutes(mean, 'On average', 1)} {_minutes(longest, 'For the farthest family', 0)}", rest]


def _minutes(answers: Answers, lead: str, decimals: int) -> str:
    """Say which site shortens the journeys most, from how many minutes to how many; or that none does as shown."""
    before, after = (f"{answers[new]['value']:.{decimals}f}" for new in (0, 1))
    if before == after:
        return f"{lead}: no further site was found that shortens the drive of {before} minutes{_open(answers, 1)}."
    site = answers[1]["sites"]
    return f"{lead} the drive is shortest with {site}: {after} minutes, not {before}{_open(answers, 1)}."


def _answers(study: SitesStudy, question: str) -> Answers:
    """Return the answers to a question, by number of new sites."""
    found = study.answers[study.answers["question"] == QUESTIONS[question]]
    return {int(row["new"]): row for row in found.to_dict("records")}


def _gain(cover: Answers, new: int) -> int:
    """Return how many more are within reach, as a reader takes one number shown from the other."""
    return int(shown_difference(float(cover[new]["value"]), float(cover[0]["value"])))


def _open(answers: Answers, new: int) -> str:
    return "" if answers[new]["proven"] else " (not proven best)"


def sites_table(study: SitesStudy, questions: Sequence[str]) -> pd.DataFrame:
    """Return the answers to some questions (keys of `QUESTIONS`) in their unit, with bound and verdict.

    The gain is the difference of the values shown; a bound is rounded to the side on which it holds, but where it is
    proven to be the value.
    """
    found = study.answers[study.answers["question"].isin([QUESTIONS[question] for question in questions])]
    verdict = found["proven"].map({True: "proven best", False: "not proven in the time allowed"})
    decimals = 0 if list(questions) == ["cover"] else 1
    bound = found["bound"] * 10**decimals
    up = np.where(found["question"] == QUESTIONS["cover"], np.ceil(bound - 1e-6), np.floor(bound + 1e-6))
    numbers = found[["value"]].round(decimals).assign(bound=up / 10**decimals)
    numbers["bound"] = numbers["bound"].mask(found["proven"], numbers["value"])
    today = found["question"].map(found[found["new"] == 0].set_index("question")["value"])
    apart = shown_difference(found["value"], today, decimals)
    gain = apart.where(found["question"] == QUESTIONS["cover"], -apart) + 0.0
    numbers = numbers.assign(gain=gain).astype(float if decimals else int)
    out = found[["question", "new", "sites"]].assign(sites=found["sites"].mask(found["new"] == 0, "today"), **numbers)
    out = out.assign(verdict=verdict.mask(found["new"] == 0, ""), gap=found["gap"])
    unit = "" if list(questions) == ["cover"] else "_min"
    names = {"new": "further sites", "sites": "where", "value": f"value{unit}", "bound": f"bound{unit}"}
    return out.rename(columns={**names, "gain": f"gain on today{unit}"})


def sites_chart(study: SitesStudy, *, who: str) -> Chart:
    """Return what each further permanent site adds to the people within reach."""
    cover = study.answers[study.answers["question"] == QUESTIONS["cover"]]
    cover = cover.assign(added=cover["value"].round().diff())[cover["new"] > 0].astype({"added": int})
    sites = cover["new"].map(lambda new: f"site {new}")
    return bars(
        cover.assign(sites=sites),
        label="sites",
        values={"added": "added"},
        title=f"What each further site adds: {who}, newly within reach",
        unit="children",
        source="best choices of one site, two sites and so on; the table tells which are proven",
    )
