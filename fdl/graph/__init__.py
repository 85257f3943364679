"""A flow as a graph: its model, and diagrams of it in SVG and Mermaid."""
