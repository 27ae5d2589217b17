"""Many files at once: worker processes that parse and make goals, one pool that solves, and reports in the order of the files."""
