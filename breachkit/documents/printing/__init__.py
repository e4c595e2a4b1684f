"""Print-outs to tables: what Stata, R, Python and databases write to a console or a log."""
