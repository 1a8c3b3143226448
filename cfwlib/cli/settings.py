"""`cfw settings`: what can be set."""

from typing import Annotated

import typer

from cfwlib.cli.console import new_table, out


def settings(
    notebook: Annotated[str, typer.Argument(help="Notebook by name or number; none = all settings.")] = "",
    markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/settings.md instead.")] = False,
) -> None:
    """List the settings of a notebook, or all: name, default, allowed values, and what each is."""
    from cfwlib.runs import find_notebooks
    from cfwlib.runs.jobs import settings_name
    from cfwlib.settings.listing import HEADINGS, settings_page, settings_rows
    from cfwlib.settings.order import PARTS, USES

    if markdown:
        typer.echo(settings_page(), nl=False)
        return
    name = settings_name(find_notebooks([notebook])[0]) if notebook else ""
    table = new_table(f"Settings of {name or 'all notebooks'}", *HEADINGS)
    for row in settings_rows(USES.get(name, PARTS)):
        table.add_row(*row)
    out.print(table)
