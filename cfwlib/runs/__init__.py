"""A batch of notebooks as one run: jobs, lock, execution, record, history, comparison and index."""

from cfwlib.runs.batch import run_batch
from cfwlib.runs.compare import Comparison, compare_runs
from cfwlib.runs.compare_page import answer, write_comparison
from cfwlib.runs.execute import Result, run_all, run_job
from cfwlib.runs.history import Run, find_run, read_run, read_runs, recordless
from cfwlib.runs.index import headline_names, write_index
from cfwlib.runs.jobs import Job, find_notebooks, plan_jobs
from cfwlib.runs.lock import AreaBusyError, going_on, hold_area
from cfwlib.runs.named import named_problems, with_first_week
from cfwlib.runs.pdf import find_browser, print_pdf
from cfwlib.runs.prune import areas, old_runs, prune
from cfwlib.runs.record import merge_figures, new_run_folder, outputs_folder, write_record

__all__ = [
    "AreaBusyError",
    "Comparison",
    "Job",
    "Result",
    "Run",
    "answer",
    "areas",
    "compare_runs",
    "find_browser",
    "find_notebooks",
    "find_run",
    "going_on",
    "headline_names",
    "hold_area",
    "merge_figures",
    "named_problems",
    "new_run_folder",
    "old_runs",
    "outputs_folder",
    "plan_jobs",
    "print_pdf",
    "prune",
    "read_run",
    "read_runs",
    "recordless",
    "run_all",
    "run_batch",
    "run_job",
    "with_first_week",
    "write_comparison",
    "write_index",
    "write_record",
]
