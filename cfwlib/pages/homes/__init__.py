"""Page 06: enough homes for children in care, and near enough? Everything of the children is protected first.

`words`: the answer (how many children, where they live, beds that are enough), the target, who could live nearer, and
what it takes: a new home and when it pays, cost, foster households, hub homes. `tables`: every table of the returns.
`published`: those of published figures alone. `now`: today's tables as one puzzle. `earlier_runs`: may it
stand beside what the Department and earlier runs have told?
"""
