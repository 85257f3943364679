"""Reports of runs: failures by cause, costs, pages."""
