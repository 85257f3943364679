"""A flow as a graph: its model, and pictures of it as SVG and as Mermaid text."""
