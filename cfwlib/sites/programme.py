"""Small mixed-integer programmes, given to HiGHS."""

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from cfwlib.sites.search import TOLERANCE, Flags, Floats

_NEIGHBOURS = (
    "mip_heuristic_run_rins",
    "mip_heuristic_run_rens",
    "mip_heuristic_run_root_reduced_cost",
    "mip_allow_restart",
)


@dataclass(frozen=True, eq=False)
class Programme:
    """Minimise cost @ x over 0 <= low_x <= x <= 1 with low <= matrix @ x <= high, some of x whole."""

    cost: Floats
    low_x: Floats
    whole: Flags
    matrix: sp.csc_array
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class Solved:
    """The solver's answer: the best x (None without one), what no x is below, and whether none exists."""

    x: Floats | None
    bound: float
    infeasible: bool


def solve(programme: Programme, *, time_limit_s: float, seed: int, neighbours: bool = True) -> Solved:
    """Solve on one thread, to proof or to the time limit in seconds.

    Without `neighbours`, HiGHS neither searches near its solutions by smaller programmes nor begins anew: quicker where
    its first solutions are good, as where only few of the x need be told to be whole.
    """
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = programme.matrix.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = programme.cost, programme.low_x, np.ones(lp.num_col_)
    lp.row_lower_, lp.row_upper_ = programme.low, programme.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = programme.matrix.indptr, programme.matrix.indices
    lp.a_matrix_.value_ = programme.matrix.data
    kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
    lp.integrality_ = [kinds[int(whole)] for whole in programme.whole]
    highs = highspy.Highs()
    for name, value in {
        "output_flag": False,
        "threads": 1,
        "random_seed": seed,
        "time_limit": float(time_limit_s),
        "mip_rel_gap": TOLERANCE / 10,
        **({} if neighbours else dict.fromkeys(_NEIGHBOURS, False)),
    }.items():
        highs.setOptionValue(name, value)
    highs.passModel(lp)
    highs.run()
    info = highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return Solved(
        x=np.array(highs.getSolution().col_value) if found else None,
        bound=float(info.mip_dual_bound),
        infeasible=highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible,
    )
