"""Keys, tokens and certificates, made anew for each run."""

import dataclasses
import datetime
import ipaddress
import json
import os
import pathlib
import time

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt import algorithms

ISSUER = "https://issuer.example"
AUDIENCE = "orewatch"
MAKERS = {
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}
SPELLERS = {"RS256": algorithms.RSAAlgorithm, "ES256": algorithms.ECAlgorithm, "EdDSA": algorithms.OKPAlgorithm}


@dataclasses.dataclass(frozen=True)
class Key:
    kid: str
    algorithm: str
    private: object

    def public_entry(self) -> dict:
        entry = json.loads(SPELLERS[self.algorithm].to_jwk(self.private.public_key()))
        return entry | {"kid": self.kid, "alg": self.algorithm, "use": "sig"}


def new_key(kid: str, algorithm: str = "ES256") -> Key:
    return Key(kid, algorithm, MAKERS[algorithm]())


class Issuer:
    """Signs tokens, and publishes its keys in a file."""

    def __init__(self, folder: pathlib.Path):
        self.file = folder / "keys.json"
        self.keys = {algorithm: new_key(f"key-{algorithm}", algorithm) for algorithm in MAKERS}
        self.publish(*self.keys.values())

    def publish(self, *keys: Key) -> None:
        replace(self.file, json.dumps({"keys": [key.public_entry() for key in keys]}).encode())

    def flags(self) -> dict:
        return {"jwt_keys": self.file, "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}

    def token(self, key: Key | None = None, algorithm: str = "ES256", **claims) -> str:
        now = int(time.time())
        default = {"iss": ISSUER, "aud": AUDIENCE, "sub": "tester", "roles": ["admin"], "iat": now, "exp": now + 3600}
        kept = {name: value for name, value in (default | claims).items() if value is not None}
        key = key or self.keys[algorithm]
        return jwt.encode(kept, key.private, key.algorithm, headers={"kid": key.kid})


@dataclasses.dataclass(frozen=True)
class Certificate:
    cert: pathlib.Path
    key: pathlib.Path

    def flags(self) -> dict:
        return {"tls_cert": self.cert, "tls_key": self.key}

    def serial(self) -> int:
        return x509.load_pem_x509_certificate(self.cert.read_bytes()).serial_number


def certificate(folder: pathlib.Path) -> Certificate:
    """For localhost, signed by itself; in place of what the folder held."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    replace(folder / "edge.key", private.private_bytes(*plain))
    replace(folder / "edge.pem", made.public_bytes(pem))
    return Certificate(folder / "edge.pem", folder / "edge.key")


def replace(path: pathlib.Path, content: bytes) -> None:
    """All at once: readers see the old or the new."""
    part = path.with_suffix(".part")
    part.write_bytes(content)
    os.replace(part, path)
