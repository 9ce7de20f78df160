"""Names for what is sent: the same at each try, so that a receiver knows a repetition."""

import hashlib

from django.conf import settings


def key_made(*parts: object) -> str:
    """Name what is sent by where and when it was wanted, differently in every installation.

    Mail servers drop a second message of the same id, so the secret keeps two installations of one
    company (and the instant a database filled anew) from coming to the same one.
    """
    place = "/".join(map(str, parts))
    secret = settings.SECRET_KEY.encode()[:64]
    return hashlib.blake2b(place.encode(), key=secret, digest_size=16).hexdigest()
