"""What is done once goals came back open: runs that break a program, causes, contradictions, and the words for all of these."""
