"""FDL v1, the flow language of Serverless Workflow.

``fdl.parse.parse`` turns a definition into a tree (``fdl.tree``); ``fdl.lint.lint`` finds likely
mistakes in it. ``fdl.mappings`` and the conditions and paths in the tree are evaluated against JSON
data; ``fdl.semantics`` lists the questions that the documentation leaves open.
"""
