"""Serverless Workflow (FnF), API 2019-03-15: flows, executions, and the engine that runs them."""
