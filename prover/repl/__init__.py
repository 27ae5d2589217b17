"""The interactive face: a table of commands on sessions, and the prompt that reads them."""
