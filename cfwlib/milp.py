"""Linear and mixed-integer programmes, given to HiGHS on one thread: the one place that knows the solver."""

from collections.abc import Mapping
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Options = Mapping[str, float | str | bool]
NONE: Options = {}


@dataclass(frozen=True, eq=False)
class Programme:
    """Minimise (or maximise) cost @ x over lower <= x <= upper with low <= matrix @ x <= high, some of x whole.

    Attributes
    ----------
    matrix
        (m, n).
    low, high
        (m,) first and last value of each row; either may be infinite.
    lower, upper
        (n,) first and last value of each variable.
    cost
        (n,) what each variable adds to the objective; None = no objective.
    whole
        (n,) which variables are whole numbers; None = none.
    maximise
        Whether the objective is to be as large as possible.
    """

    matrix: sp.sparray
    low: Floats
    high: Floats
    lower: Floats
    upper: Floats
    cost: Floats | None = None
    whole: Flags | None = None
    maximise: bool = False


@dataclass(frozen=True, eq=False)
class Solved:
    """The solver's answer.

    Attributes
    ----------
    x
        (n,) the best solution; None where none was found.
    bound
        What no solution is better than.
    proven, infeasible
        Whether x is as good as the bound within the gap asked for; whether there certainly is no solution.
    duals
        (m,) price of each row; zeros where the solver gives none.
    """

    x: Floats | None
    bound: float
    proven: bool
    infeasible: bool
    duals: Floats


def engine(programme: Programme, options: Options = NONE) -> highspy.Highs:
    """Return HiGHS with a programme, silent and on one thread, not run yet.

    Parameters
    ----------
    programme
        The programme.
    options
        Of HiGHS, by its names.
    """
    lp, by_column = highspy.HighsLp(), sp.csc_array(programme.matrix)
    lp.num_row_, lp.num_col_ = by_column.shape
    if programme.maximise:
        lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.zeros(lp.num_col_) if programme.cost is None else programme.cost
    lp.col_lower_, lp.col_upper_ = programme.lower, programme.upper
    lp.row_lower_, lp.row_upper_ = programme.low, programme.high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = by_column.indptr, by_column.indices
    lp.a_matrix_.value_ = by_column.data
    if programme.whole is not None:
        kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
        lp.integrality_ = [kinds[int(whole)] for whole in programme.whole]
    highs = highspy.Highs()
    for name, value in {"output_flag": False, "threads": 1, **options}.items():
        highs.setOptionValue(name, value)
    highs.passModel(lp)
    return highs


def optimum(highs: highspy.Highs) -> Floats | None:
    """Run, and return the solution if it is proven to be optimal."""
    highs.run()
    proven = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return np.array(highs.getSolution().col_value) if proven else None


def solve(
    programme: Programme, *, time_limit_s: float, seed: int, start: Floats | None = None, options: Options = NONE
) -> Solved:
    """Solve to proof or to the time limit.

    Parameters
    ----------
    programme
        The programme.
    time_limit_s
        Longest search, seconds.
    seed
        Of the solver.
    start
        (n,) a solution to begin with.
    options
        Of HiGHS, such as `mip_rel_gap`.
    """
    highs = engine(programme, {"random_seed": seed, "time_limit": float(time_limit_s), **options})
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = list(start)
        highs.setSolution(known)
    highs.run()
    status, info, answer = highs.getModelStatus(), highs.getInfo(), highs.getSolution()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return Solved(
        x=np.array(answer.col_value) if found else None,
        bound=float(info.objective_function_value if programme.whole is None else info.mip_dual_bound),
        proven=status == highspy.HighsModelStatus.kOptimal,
        infeasible=status == highspy.HighsModelStatus.kInfeasible,
        duals=np.array(answer.row_dual) if answer.dual_valid else np.zeros(len(programme.low)),
    )
