"""FDL v1, the flow language of Serverless Workflow.

``fdl.parse.parse`` makes a tree (``fdl.tree``) of a definition, ``fdl.lint.lint`` finds what may go
wrong with it. ``fdl.mappings`` and the conditions and paths in the tree evaluate themselves against
JSON data; ``fdl.semantics`` holds the questions that no documentation answers.
"""
