"""Reports on runs: failures by cause, costs and pages."""
