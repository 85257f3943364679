"""Serverless Workflow (FnF), API 2019-03-15: flows, their executions, and the engine that runs them."""
