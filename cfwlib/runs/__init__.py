"""A batch of notebooks as one run: jobs, execution, record and index."""

from cfwlib.runs.execute import Result, run_all, run_job
from cfwlib.runs.jobs import Job, find_notebooks, plan_jobs
from cfwlib.runs.record import merge_figures, new_run_folder, outputs_folder, write_index, write_record

__all__ = [
    "Job",
    "Result",
    "find_notebooks",
    "merge_figures",
    "new_run_folder",
    "outputs_folder",
    "plan_jobs",
    "run_all",
    "run_job",
    "write_index",
    "write_record",
]
