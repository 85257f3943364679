"""What became of a run, for people: its failures by cause, its money, its reports."""
