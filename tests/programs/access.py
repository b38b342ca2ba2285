"""API keys, and the file in which the services look callers up."""

import hashlib
import pathlib
import secrets

from programs.issuer import replace


class Access:
    def __init__(self, folder: pathlib.Path):
        self.file = folder / "access.textproto"
        self._keys = {}
        self._certificates = []
        self._write()

    def flags(self) -> dict:
        return {"access_file": self.file}

    def add_key(self, key_id: str, role: str, principal: str = "", **grant: str) -> str:
        """A key, of a principal with its id for a name if no other is said. The services know it within about a second."""
        secret = secrets.token_urlsafe(32)
        digest = hashlib.sha256(secret.encode()).hexdigest()
        self._keys[key_id] = f'id: "{key_id}" secret_sha256: "{digest}" {_grant(principal or key_id, role=role, **grant)}'
        self._write()
        return f"ow_{key_id}_{secret}"

    def revoke(self, key_id: str) -> None:
        self._keys[key_id] += " revoked: true"
        self._write()

    def add_certificate(self, identity: str, principal: str, role: str) -> None:
        self._certificates.append(f'identity: "{identity}" {_grant(principal, role=role)}')
        self._write()

    def _write(self) -> None:
        keys = [f"keys {{ {key} }}\n" for key in self._keys.values()]
        replace(self.file, "".join(keys + [f"certificates {{ {one} }}\n" for one in self._certificates]).encode())


def _grant(principal: str, **more: str) -> str:
    return f'grant {{ principal: "{principal}" {" ".join(f"{field}: {value}" for field, value in more.items())} }}'
