"""What the API does, by what it is done to. ``localcloud.oss.routes`` says when."""
