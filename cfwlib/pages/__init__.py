"""What each notebook says: its tables, maps and sentences; one module, or a small folder, a notebook.

`data` is page 00, `need` 01, `reach` 02, `hub` 03 and 04 (`hub_worth`: what the plan is worth, and how sure it is;
`review`: the panel in which planners decide; `handouts`, `notices`: what families and drivers are given), `sites` 05,
`homes` 06. `maps` draws for all of them; `opening` opens a report.
"""
