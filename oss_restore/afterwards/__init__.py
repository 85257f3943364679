"""What is done once a run has ended: the failed again, for longer, sooner, frozen, handed on."""
