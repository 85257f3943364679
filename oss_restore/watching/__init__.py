"""A run as it can be seen from outside: by the workflow's histories, and a few looks at its ledger.

Whatever is read is bounded, however many objects a run has: of its executions of the main flow only
the latest (of each lister) is read, since it was started with the totals of those before.
"""
