"""In place of pycryptodome: the names that oss2 imports for client-side encryption."""

Random = None
