"""In place of the package of that name."""

AES = None
PKCS1_OAEP = None
PKCS1_v1_5 = None
