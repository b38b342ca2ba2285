"""Keys and tokens, made anew for each run."""

import dataclasses
import json
import pathlib
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt import algorithms

from programs.certificates import Authority, Certificate, certificate, replace  # noqa: F401

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
