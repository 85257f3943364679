"""What a run would find, take and cost, and what stands in its way: told before it is started."""
