"""Serves Alibaba Cloud's own host names over HTTPS, for clients that use only those."""
