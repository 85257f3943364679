"""What a run will take: time, calls and money, worked out before it starts. Pure arithmetic."""
