"""The services under Alibaba Cloud's own host names, by HTTPS, for clients that know no others."""
