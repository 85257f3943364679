"""The console: a web page about a deployment, for the operator's own browser."""
