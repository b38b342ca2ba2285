"""What an installation and its operators bring: an authority and certificates, passwords, keys of tokens."""

import datetime
import json
import secrets
import time

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt import algorithms

from support.manifests import Manifests

DATABASES = ("registry", "risk", "alerting")


def _pem(key) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class Authority:
    """What cert-manager's Issuer is, or CloudNativePG's own."""

    def __init__(self, name: str):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self._certificate = self._signed(self._name, self._key, [x509.BasicConstraints(ca=True, path_length=None)])
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM)

    def _signed(self, subject: x509.Name, key, extensions: list) -> x509.Certificate:
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=30))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def issue(self, dns_names: list, uris: list = ()) -> dict:
        """The secret of a Certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [*(x509.DNSName(name) for name in dns_names), *(x509.UniformResourceIdentifier(uri) for uri in uris)]
        # As cert-manager does without a commonName: nobody is named but in the extension.
        certificate = self._signed(x509.Name([]), key, [x509.SubjectAlternativeName(names)])
        return {"tls.crt": certificate.public_bytes(serialization.Encoding.PEM), "tls.key": _pem(key), "ca.crt": self.pem}


class Installation:
    def __init__(self, manifests: Manifests):
        self.authority = Authority("orewatch")
        self.postgres_authority = Authority("orewatch-postgres")
        self.passwords = {name: secrets.token_urlsafe(24) for name in DATABASES}
        self._signer = ec.generate_private_key(ec.SECP256R1())
        jwk = json.loads(algorithms.ECAlgorithm.to_jwk(self._signer.public_key())) | {"kid": "one", "alg": "ES256", "use": "sig"}
        self.config_maps = {"orewatch-jwt-keys": {"keys.json": json.dumps({"keys": [jwk]}).encode()}}
        self.secrets = {"orewatch-postgres-ca": {"ca.crt": self.postgres_authority.pem}, "orewatch-alertmanager-hook": {"token": b"of the hook"}}
        for name, password in self.passwords.items():
            self.secrets[f"orewatch-postgres-{name}"] = {"pg_service.conf": f"[{name}]\npassword={password}\n".encode()}
        for certificate in manifests.of("Certificate"):
            spec = certificate["spec"]
            self.secrets[spec["secretName"]] = self.authority.issue(spec.get("dnsNames", []), spec.get("uris", []))

    def token(self, settings: dict) -> str:
        """Of an operator, as the issuer signs it whom the settings of a service name."""
        claims = {"iss": settings["jwt_issuer"], "aud": settings["jwt_audience"], "sub": "alice", "roles": ["operator"], "exp": int(time.time()) + 3600}
        return jwt.encode(claims, self._signer, algorithm="ES256", headers={"kid": "one"})
