"""Looks whether a deployment can be worked with from here, and says what to do where not."""
