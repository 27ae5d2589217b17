"""Interactive work on one file: values that commands change into new ones, and the engine that solves in the background."""
