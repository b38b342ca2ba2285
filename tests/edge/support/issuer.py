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
        """The edge and the services call them the same."""
        return {"jwt_keys": self.file, "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE}

    def token_file(self) -> pathlib.Path:
        """With a token that is good for everything."""
        file = self.file.with_name("token")
        file.write_text(self.token())
        return file

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


class Authority:
    """Signs certificates for programs on this machine."""

    def __init__(self, folder: pathlib.Path):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test's authority")])
        signs = x509.KeyUsage(False, False, False, False, False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False)
        made = _unsigned(self._name, self._key.public_key()).issuer_name(self._name).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.file = folder / "ca.pem"
        replace(self.file, made.add_extension(signs, critical=True).sign(self._key, hashes.SHA256()).public_bytes(PEM))

    def issue(self, folder: pathlib.Path, uri: str) -> Certificate:
        """For a program of this name, on localhost or 127.0.0.1."""
        folder.mkdir()
        made = Certificate(folder / "tls.pem", folder / "tls.key")
        self.renew(made, uri)
        return made

    def renew(self, old: Certificate, uri: str) -> None:
        """Another one in its place."""
        private = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri), *LOOPBACK])
        made = _unsigned(x509.Name([]), private.public_key()).issuer_name(self._name).add_extension(names, critical=True)
        _write(old, private, made.sign(self._key, hashes.SHA256()))


def certificate(folder: pathlib.Path) -> Certificate:
    """For localhost, signed by itself; in place of what the folder held."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = _unsigned(name, private.public_key()).issuer_name(name).add_extension(x509.SubjectAlternativeName(LOOPBACK), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    written = Certificate(folder / "tls.pem", folder / "tls.key")
    _write(written, private, made.sign(private, hashes.SHA256()))
    return written


PEM = serialization.Encoding.PEM
LOOPBACK = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]


def _unsigned(subject: x509.Name, public) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder().subject_name(subject).public_key(public).serial_number(x509.random_serial_number())
    return made.not_valid_before(now - datetime.timedelta(minutes=1)).not_valid_after(now + datetime.timedelta(hours=1))


def _write(files: Certificate, private, made: x509.Certificate) -> None:
    replace(files.key, private.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    replace(files.cert, made.public_bytes(PEM))


def replace(path: pathlib.Path, content: bytes) -> None:
    """All at once: readers see the old or the new."""
    part = path.with_suffix(".part")
    part.write_bytes(content)
    os.replace(part, path)
