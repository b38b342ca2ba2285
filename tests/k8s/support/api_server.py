"""An API server of a kind: kubectl talks to it. It keeps objects, takes them as the schemas have them, knows whose each field is (server-side
apply), streams changes, and runs commands in pods. What operators and controllers would do is support/controllers.py's."""

import base64
import copy
import functools
import hashlib
import http.server
import itertools
import json
import re
import threading
import urllib.parse

import yaml

from support import websocket
from support.kubernetes_protobuf import MAGIC, decoded
from support.manifests import matches
from support.rendering import AsKubernetes
from support.schemas import KUBERNETES, problems

# plural: (group/version, kind, namespaced, short name)
RESOURCES = {
    "namespaces": ("v1", "Namespace", False, "ns"),
    "configmaps": ("v1", "ConfigMap", True, "cm"),
    "secrets": ("v1", "Secret", True, ""),
    "services": ("v1", "Service", True, "svc"),
    "serviceaccounts": ("v1", "ServiceAccount", True, "sa"),
    "persistentvolumeclaims": ("v1", "PersistentVolumeClaim", True, "pvc"),
    "pods": ("v1", "Pod", True, "po"),
    "deployments": ("apps/v1", "Deployment", True, "deploy"),
    "jobs": ("batch/v1", "Job", True, ""),
    "networkpolicies": ("networking.k8s.io/v1", "NetworkPolicy", True, "netpol"),
    "poddisruptionbudgets": ("policy/v1", "PodDisruptionBudget", True, "pdb"),
    "horizontalpodautoscalers": ("autoscaling/v2", "HorizontalPodAutoscaler", True, "hpa"),
    "certificates": ("cert-manager.io/v1", "Certificate", True, "cert"),
    "issuers": ("cert-manager.io/v1", "Issuer", True, ""),
    "clusters": ("postgresql.cnpg.io/v1", "Cluster", True, ""),
    "databases": ("postgresql.cnpg.io/v1", "Database", True, ""),
    "backups": ("postgresql.cnpg.io/v1", "Backup", True, ""),
    "scheduledbackups": ("postgresql.cnpg.io/v1", "ScheduledBackup", True, ""),
    "objectstores": ("barmancloud.cnpg.io/v1", "ObjectStore", True, ""),
    "podmonitors": ("monitoring.coreos.com/v1", "PodMonitor", True, ""),
    "prometheusrules": ("monitoring.coreos.com/v1", "PrometheusRule", True, ""),
}
PLURALS = {kind: plural for plural, (_, kind, _, _) in RESOURCES.items()}
PATH = re.compile(r"/(?:api/(v1)|apis/([^/]+/[^/]+))(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/]+)(?:/([a-z]+))?)?")
# The namespace itself is asked for by such a path too.
NAMESPACE = re.compile(r"/api/v1/namespaces/([^/]+)")
# The identity of an object, and what controllers say of it.
UNHELD = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))


class Refused(Exception):
    def __init__(self, code: int, reason: str, message: str):
        super().__init__(message)
        self.status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message, "metadata": {}}


def leaves(node, path: tuple = ()) -> dict:
    """The fields of an object by their paths; a list is one."""
    if not isinstance(node, dict) or not node:
        return {path: node}
    found = {}
    for key, value in node.items():
        found |= leaves(value, (*path, key))
    return found


def _put(node: dict, path: tuple, value) -> None:
    for key in path[:-1]:
        node = node.setdefault(key, {})
    node[path[-1]] = value


def _is_held(path: tuple) -> bool:
    return path not in UNHELD and path[0] != "status"


def merged(old, new):
    """A JSON merge patch."""
    if not isinstance(new, dict):
        return new
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in new.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def _conflict(conflicts: list) -> Refused:
    causes = [{"reason": "FieldManagerConflict", "message": f"conflict with {whose}", "field": f".{'.'.join(path)}"} for path, whose in conflicts]
    refused = Refused(409, "Conflict", "Apply failed: " + "; ".join(f"{one['message']}: {one['field']}" for one in causes))
    refused.status["details"] = {"causes": causes}
    return refused


class Objects:
    """What is kept, with who holds which field; each change is told to whoever watches."""

    def __init__(self):
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self._objects = {}
        self._holders = {}
        self.events = []
        self._version = itertools.count(1)

    def copied(self) -> "Objects":
        """The same objects, to begin again from."""
        other = Objects()
        other._objects, other._holders, other.events = copy.deepcopy((self._objects, self._holders, self.events))
        other._version = itertools.count(self.events[-1][0] + 1)
        return other

    def of(self, kind: str) -> list:
        return [one for (plural, _, _), one in self._objects.items() if plural == PLURALS[kind]]

    def find(self, kind: str, name: str, namespace: str = "orewatch") -> dict | None:
        plural = PLURALS[kind]
        return self._objects.get((plural, namespace if RESOURCES[plural][2] else "", name))

    def get(self, key: tuple) -> dict:
        if key not in self._objects:
            raise Refused(404, "NotFound", f'{key[0]} "{key[2]}" not found')
        return self._objects[key]

    def keep(self, key: tuple, document: dict, event: str) -> dict:
        with self.changed:
            version = str(next(self._version))
            document["metadata"]["resourceVersion"] = version
            self._objects[key] = document
            self.events.append((int(version), event, key[0], copy.deepcopy(document)))
            self.changed.notify_all()
            return document

    def set_status(self, document: dict, status: dict) -> None:
        if document.get("status") != status:
            plural = PLURALS[document["kind"]]
            key = (plural, document["metadata"].get("namespace", ""), document["metadata"]["name"])
            self.keep(key, {**self._objects[key], "status": status}, "MODIFIED")

    def remove(self, key: tuple) -> dict:
        with self.changed:
            document = self._objects.pop(key)
            self._holders.pop(key, None)
            version = next(self._version)
            self.events.append((version, "DELETED", key[0], {**document, "metadata": {**document["metadata"], "resourceVersion": str(version)}}))
            self.changed.notify_all()
            return document

    def create(self, key: tuple, document: dict, holder: str = "") -> dict:
        if key in self._objects:
            raise Refused(409, "AlreadyExists", f'{key[0]} "{key[2]}" already exists')
        self._holders[key] = {path: {holder} for path in leaves(document) if _is_held(path)}
        document["metadata"] |= {"uid": hashlib.sha256(str((key, next(self._version))).encode()).hexdigest()[:32], "generation": 1}
        if document["kind"] == "Deployment":
            document["spec"].setdefault("replicas", 1)
        return self.keep(key, document, "ADDED")

    def apply(self, key: tuple, wanted: dict, holder: str, force: bool) -> dict:
        """Server-side apply: what somebody else has set is theirs, unless forced or the same."""
        mine = {path: value for path, value in leaves(wanted).items() if _is_held(path)}
        holders = self._holders.setdefault(key, {})
        if key not in self._objects:
            return self.create(key, copy.deepcopy(wanted), holder)
        live = copy.deepcopy(self._objects[key])
        before = leaves(live)
        conflicts = [(path, sorted(held)[0]) for path, value in mine.items() if before.get(path, value) != value and (held := holders.get(path, set()) - {holder})]
        if conflicts and not force:
            raise _conflict(conflicts)
        for path in [path for path, held in holders.items() if holder in held and path not in mine]:
            holders[path] -= {holder}
            if not holders[path]:
                _put(live, path, None)
                del holders[path]
        for path, value in mine.items():
            holders[path] = {holder} if before.get(path) != value else holders.get(path, set()) | {holder}
            _put(live, path, value)
        return self._stored(key, merged({}, live))

    def update(self, key: tuple, patch: dict, holder: str) -> dict:
        """A plain change: what is changed is held by whoever did it, and by nobody else."""
        live = copy.deepcopy(self.get(key))
        before = leaves(live)
        live = merged(live, patch)
        for path, value in leaves(live).items():
            if _is_held(path) and before.get(path) != value:
                self._holders.setdefault(key, {})[path] = {holder}
        return self._stored(key, live)

    def _stored(self, key: tuple, document: dict) -> dict:
        if document.get("spec") != self._objects[key].get("spec"):
            document["metadata"]["generation"] = document["metadata"].get("generation", 1) + 1
        return self.keep(key, document, "MODIFIED")


def selected(document: dict, query: dict) -> bool:
    metadata = document["metadata"]
    wanted = dict(part.split("=", 1) for part in query.get("fieldSelector", "").split(",") if part)
    if any({"metadata.name": metadata["name"], "metadata.namespace": metadata.get("namespace")}.get(name) != value for name, value in wanted.items()):
        return False
    return matches(label_selector(query.get("labelSelector", "")), metadata.get("labels", {}))


def label_selector(text: str) -> dict:
    expressions = []
    for part in re.split(r",(?![^(]*\))", text) if text else ():
        if found := re.fullmatch(r"\s*([^\s=!(]+) (in|notin) \(([^)]*)\)\s*", part):
            expressions.append({"key": found[1], "operator": {"in": "In", "notin": "NotIn"}[found[2]], "values": found[3].split(",")})
        else:
            key, value = re.fullmatch(r"\s*([^\s=!(]+)={1,2}(.*)", part).groups()
            expressions.append({"key": key, "operator": "In", "values": [value]})
    return {"matchExpressions": expressions}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        pass

    def _answer(self, code: int, content: dict) -> None:
        body = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _handle(self) -> None:
        url = urllib.parse.urlsplit(self.path)
        query = {name: values[0] for name, values in urllib.parse.parse_qs(url.query).items()}
        length = int(self.headers.get("content-length") or 0)
        sent = self.rfile.read(length)
        body = decoded(sent) if sent.startswith(MAGIC) else yaml.load(sent, Loader=AsKubernetes)
        try:
            if (found := discovery(url.path)) is not None:
                self._answer(200, found)
                return
            if self.headers.get("upgrade", "").lower() == "websocket":
                self._exec(url)
            else:
                self._about_objects(url.path, query, body)
        except Refused as refused:
            self.server.refusals.append(str(refused))
            self._answer(refused.status["code"], refused.status)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

    def _about_objects(self, path: str, query: dict, body) -> None:
        namespace = NAMESPACE.fullmatch(path)
        key_and_part = ("namespaces", "", namespace[1], None) if namespace else self._place(path)
        *key, part = key_and_part
        key = tuple(key)
        with self.server.objects.lock:
            if self.command == "GET" and key[2] is None and query.get("watch") in ("true", "1"):
                events = None
            else:
                self._answer(*self._done(key, part, query, body))
                return
        assert events is None
        self._watch(key, query)

    @staticmethod
    def _place(path: str) -> tuple:
        found = PATH.fullmatch(path)
        if not found or found[4] not in RESOURCES:
            raise Refused(404, "NotFound", f"the server could not find {path}")
        return found[4], found[3] or "", found[5], found[6]

    def _done(self, key: tuple, part: str | None, query: dict, body) -> tuple:
        objects = self.server.objects
        if self.command == "GET" and key[2] is None:
            documents = [one for one in objects.of(RESOURCES[key[0]][1]) if selected(one, query)]
            group, kind, _, _ = RESOURCES[key[0]]
            return 200, {"apiVersion": group, "kind": f"{kind}List", "metadata": {"resourceVersion": str(self.server.version())}, "items": documents}
        if self.command == "GET":
            return 200, objects.get(key)
        if self.command == "DELETE":
            return 200, self.server.deleted(key)
        whose = f'"{query.get("fieldManager", "kubectl")}"'
        if part == "scale":
            changed = objects.update(key, body, f'{whose} with subresource "scale" using apps/v1')
            return 200, {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"name": key[2], "namespace": key[1]}, "spec": {"replicas": changed["spec"]["replicas"]}}
        if self.command == "POST":
            document = admitted(body, key)
            return 201, self.server.made(objects.create((key[0], key[1], document["metadata"]["name"]), document, whose))
        if "apply-patch" in self.headers["content-type"]:
            # Who applies is not who changes, though both are called kubectl.
            return 200, self.server.made(objects.apply(key, admitted(body, key), f"{whose}, applied", query.get("force") == "true"))
        return 200, self.server.made(objects.update(key, body, f"{whose} using {RESOURCES[key[0]][0]}"))

    def _watch(self, key: tuple, query: dict) -> None:
        """Until whoever watches has seen enough. That somebody waits is when controllers do what is waited for."""
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        objects, seen = self.server.objects, int(query.get("resourceVersion") or 0)
        self.server.act()
        try:
            while not self.server.ending:
                with objects.changed:
                    news = [one for one in objects.events if one[0] > seen and one[2] == key[0] and selected(one[3], query)]
                    seen = max([seen, *(one[0] for one in objects.events)])
                    if not news:
                        self.wfile.flush()
                        objects.changed.wait(timeout=1)
                for _, event, _, document in news:
                    self.wfile.write((json.dumps({"type": event, "object": document}) + "\n").encode())
                self.wfile.flush()
        except OSError:
            pass

    def _exec(self, url) -> None:
        _, namespace, name, part = self._place(url.path)
        pod = self.server.objects.get(("pods", namespace, name))
        query = urllib.parse.parse_qs(url.query)
        if part != "exec":
            raise Refused(404, "NotFound", f"no {part} of a pod here")
        accept = base64.b64encode(hashlib.sha1((self.headers["sec-websocket-key"] + websocket.GUID).encode()).digest()).decode()
        self.send_response(101)
        for header, value in (("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-accept", accept), ("sec-websocket-protocol", "v5.channel.k8s.io")):
            self.send_header(header, value)
        self.end_headers()
        self.close_connection = True
        typed = websocket.read_input(self.rfile) if query.get("stdin") == ["true"] else b""
        self.server.commands.append((name, query["command"]))
        done = self.server.run_in_pod(pod, query.get("container", [""])[0], query["command"], typed)
        websocket.send_result(self.wfile, done)


@functools.cache
def _problems(document: str) -> list:
    return problems(json.loads(document), KUBERNETES[0])


def admitted(document: dict, key: tuple) -> dict:
    """As the schemas take it, where it may be; with a name, if it asks for one."""
    metadata = document["metadata"]
    if "generateName" in metadata:
        metadata["name"] = metadata.pop("generateName") + "x7k2p"
    if (document.get("apiVersion"), document.get("kind")) != RESOURCES[key[0]][:2] or metadata.get("namespace", key[1]) != key[1]:
        raise Refused(400, "BadRequest", f"{document.get('kind')} {metadata} is not of {key}")
    for ours in ("creationTimestamp", "managedFields"):
        metadata.pop(ours, None)
    without = {name: value for name, value in document.items() if name != "status"}
    # Overlays are held against the schemas elsewhere, which takes its time.
    by_kustomize = metadata.get("labels", {}).get("app.kubernetes.io/managed-by") == "kustomize"
    if not by_kustomize and (found := _problems(json.dumps(without))):
        raise Refused(422, "Invalid", "; ".join(found))
    return {**without, "metadata": metadata | ({"namespace": key[1]} if key[1] else {})}


def discovery(path: str) -> dict | None:
    versions = sorted({group for group, _, _, _ in RESOURCES.values()} - {"v1"})
    if path == "/version":
        return {"major": "1", "minor": "30", "gitVersion": "v1.30.0"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        groups = [{"name": one.split("/")[0], "versions": [{"groupVersion": one, "version": one.split("/")[1]}]} for one in versions]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [{**one, "preferredVersion": one["versions"][0]} for one in groups]}
    if path == "/openapi/v3":
        return {"paths": {where.strip("/"): {"serverRelativeURL": f"/openapi/v3/{where.strip('/')}"} for where in ("api/v1", *(f"apis/{one}" for one in versions))}}
    if found := re.fullmatch(r"/openapi/v3/(?:api|apis)/(.+)", path):
        return _openapi(found[1])
    if found := re.fullmatch(r"/api/(v1)|/apis/([^/]+/v[^/]+)", path):
        version = found[1] or found[2]
        listed = []
        for plural, (group, kind, namespaced, short) in RESOURCES.items():
            if group == version:
                verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
                listed.append({"name": plural, "singularName": kind.lower(), "namespaced": namespaced, "kind": kind, "verbs": verbs, "shortNames": [short] if short else []})
        if version == "apps/v1":
            listed.append({"name": "deployments/scale", "namespaced": True, "kind": "Scale", "group": "autoscaling", "version": "v1", "verbs": ["get", "patch", "update"]})
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": listed}
    return None


def _openapi(version: str) -> dict:
    """That fields are validated here, which is all that kubectl wants to know."""
    paths = {}
    for plural, (group, kind, _, _) in RESOURCES.items():
        if group == version:
            gvk = {"group": version.rpartition("/")[0], "version": version.rpartition("/")[2], "kind": kind}
            paths[f"/{plural}"] = {"patch": {"x-kubernetes-group-version-kind": gvk, "parameters": [{"name": "fieldValidation", "in": "query"}]}}
    return {"openapi": "3.0.0", "info": {"title": "", "version": ""}, "paths": paths}


class ApiServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, controllers, run_in_pod, objects: Objects | None = None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects = objects or Objects()
        self.ending = False
        self.refusals = []
        self.commands = []
        self.run_in_pod = run_in_pod
        self._controllers = controllers

    def __enter__(self) -> "ApiServer":
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.ending = True
        with self.objects.changed:
            self.objects.changed.notify_all()
        self.shutdown()
        self.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def version(self) -> int:
        return self.objects.events[-1][0] if self.objects.events else 0

    def made(self, document: dict) -> dict:
        self._controllers.made(self.objects, document)
        return document

    def deleted(self, key: tuple) -> dict:
        document = self.objects.get(key)
        self._controllers.deleted(self.objects, document)
        return self.objects.remove(key)

    def act(self) -> None:
        with self.objects.lock:
            self._controllers.act(self.objects)
