"""The requests that ``oss2.crypto`` imports."""

GenerateDataKeyRequest = None
DecryptRequest = None
EncryptRequest = None
