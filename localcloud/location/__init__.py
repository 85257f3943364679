"""The Location service of the local cloud."""
