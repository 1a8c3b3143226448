"""Published files in, frames of one area out."""

from cfwlib.data.load import AreaData, load_area
from cfwlib.data.points import AGE_BANDS
from cfwlib.data.store import Store, hold_store, read_store, store_folder, write_store
from cfwlib.data.which_store import open_store
