"""What each notebook says: its tables, maps and sentences; one module, or a small folder, a notebook."""
