"""The services under Alibaba Cloud's own host names, by HTTPS, for clients that use only those."""
