"""The console: a web page over a deployment, for the operator's own browser."""
