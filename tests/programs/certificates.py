"""Certificates for programs on this machine, and an authority that signs them."""

import dataclasses
import datetime
import ipaddress
import os
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PEM = serialization.Encoding.PEM
LOOPBACK = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
HOUR = datetime.timedelta(hours=1)

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

    def __init__(self, folder: pathlib.Path, lifetime: datetime.timedelta = HOUR):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test's authority")])
        signs = x509.KeyUsage(False, False, False, False, False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False)
        made = _unsigned(self._name, self._key.public_key(), lifetime).issuer_name(self._name)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.file = folder / "ca.pem"
        replace(self.file, made.add_extension(signs, critical=True).sign(self._key, hashes.SHA256()).public_bytes(PEM))

    def issue(self, folder: pathlib.Path, uri: str, lifetime: datetime.timedelta = HOUR) -> Certificate:
        """For a program of this name, on localhost or 127.0.0.1."""
        folder.mkdir()
        made = Certificate(folder / "tls.pem", folder / "tls.key")
        self.renew(made, uri, lifetime)
        return made

    def renew(self, old: Certificate, uri: str, lifetime: datetime.timedelta = HOUR) -> None:
        """Another one in its place."""
        private = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri), *LOOPBACK])
        made = _unsigned(x509.Name([]), private.public_key(), lifetime).issuer_name(self._name).add_extension(names, critical=True)
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


def _unsigned(subject: x509.Name, public, lifetime: datetime.timedelta = HOUR) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder().subject_name(subject).public_key(public).serial_number(x509.random_serial_number())
    return made.not_valid_before(now - datetime.timedelta(minutes=1)).not_valid_after(now + lifetime)


def _write(files: Certificate, private, made: x509.Certificate) -> None:
    replace(files.key, private.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    replace(files.cert, made.public_bytes(PEM))


def replace(path: pathlib.Path, content: bytes) -> None:
    """All at once: readers see the old or the new."""
    part = path.with_suffix(".part")
    part.write_bytes(content)
    os.replace(part, path)
