"""Seals a borrower as a tablet does: written apart from what opens it, after the contract."""

import base64
import json
import os
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ABOUT = b"lending borrower S1"


def seal_borrower(key: str, raw: object, read_at: datetime) -> str:
    """`raw`, read at that moment, sealed with the server's public key (as a snapshot hands it)."""
    return seal_bytes(key, json.dumps({"r": raw, "t": int(read_at.timestamp() * 1000)}).encode())


def seal_bytes(key: str, plain: bytes) -> str:
    """Any bytes in an envelope."""
    point = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    own = ec.generate_private_key(ec.SECP256R1())
    ours = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    secret = HKDF(hashes.SHA256(), 32, salt=ours, info=ABOUT).derive(
        own.exchange(ec.ECDH(), theirs)
    )
    nonce = os.urandom(12)
    sealed = ours + nonce + AESGCM(secret).encrypt(nonce, plain, ABOUT)
    return "S1." + base64.urlsafe_b64encode(sealed).decode().rstrip("=")
