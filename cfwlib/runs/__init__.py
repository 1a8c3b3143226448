"""A batch of notebooks as one run: jobs, lock, execution, record, history, comparison and index."""

from cfwlib.locks import AreaBusyError
from cfwlib.runs.batch import run_batch
from cfwlib.runs.compare import Comparison, compare_runs
from cfwlib.runs.compare_page import answer, write_comparison
from cfwlib.runs.execute import Result, run_all, run_job
from cfwlib.runs.history import Run, find_run, read_run, read_runs, recordless
from cfwlib.runs.index import headline_names, write_index
from cfwlib.runs.jobs import Job, find_notebooks, plan_jobs
from cfwlib.runs.lock import going_on, hold_area
from cfwlib.runs.named import named_problems, with_first_week
from cfwlib.runs.pdf import find_browser, print_pdf
from cfwlib.runs.prune import areas, old_runs, prune
from cfwlib.runs.record import merge_figures, new_run_folder, outputs_folder, write_record
