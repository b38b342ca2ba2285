"""What operators and controllers make of objects, as far as somebody waits for it: pods that become ready when all that they need is there, Jobs
that end, a Cluster that is restored, copies."""

from support.manifests import Manifests, Workload
from support.wiring import referred

CA_OF_CLUSTER = "{}-ca"


def _condition(kind: str, holds: bool) -> dict:
    return {"type": kind, "status": "True" if holds else "False", "reason": "Told", "message": ""}


class Controllers:
    def __init__(self, failing: tuple = ()):
        """`failing`: services whose Job fails."""
        self._failing = failing
        # (what, name), in the order in which it came.
        self.timeline = []

    def made(self, objects, document: dict) -> None:
        self.timeline.append(("made", f"{document['kind']}/{document['metadata']['name']}"))

    def deleted(self, objects, document: dict) -> None:
        self.timeline.append(("deleted", f"{document['kind']}/{document['metadata']['name']}"))
        name, namespace = document["metadata"]["name"], document["metadata"].get("namespace", "")
        if document["kind"] == "Cluster":
            for kind, plural in (("Pod", "pods"), ("PersistentVolumeClaim", "persistentvolumeclaims")):
                for owned in [one for one in objects.of(kind) if one["metadata"].get("labels", {}).get("cnpg.io/cluster") == name]:
                    objects.remove((plural, namespace, owned["metadata"]["name"]))
            objects.remove(("secrets", namespace, CA_OF_CLUSTER.format(name)))

    def act(self, objects) -> None:
        for certificate in objects.of("Certificate"):
            self._make(objects, "secrets", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": certificate["spec"]["secretName"]}})
        for cluster in objects.of("Cluster"):
            self._cluster(objects, cluster)
        for schedule in objects.of("ScheduledBackup"):
            self._schedule(objects, schedule)
        for backup in objects.of("Backup"):
            self._backup(objects, backup)
        for job in objects.of("Job"):
            self._job(objects, job)
        for scaler in objects.of("HorizontalPodAutoscaler"):
            self._scaler(objects, scaler)
        for deployment in objects.of("Deployment"):
            self._deployment(objects, deployment)
        for pod in [one for one in objects.of("Pod") if "status" not in one]:
            workload = next(one for one in Manifests([pod]).workloads)
            objects.set_status(pod, {"phase": "Running", "conditions": [_condition("Ready", not self._missing(objects, workload))]})

    @staticmethod
    def _make(objects, plural: str, document: dict) -> None:
        namespace, name = "orewatch", document["metadata"]["name"]
        if objects.find(document["kind"], name) is None:
            objects.create((plural, namespace, name), {**document, "metadata": {**document["metadata"], "namespace": namespace}})

    @staticmethod
    def _missing(objects, workload: Workload) -> list:
        return [(kind, name) for kind, name in referred(workload) if objects.find(kind, name) is None]

    def _cluster(self, objects, cluster: dict) -> None:
        name, spec = cluster["metadata"]["name"], cluster["spec"]
        begun = spec["bootstrap"].get("initdb") or spec["bootstrap"]["recovery"]
        archives = bool(spec.get("plugins"))
        stores = [one["plugin"]["parameters"] for one in spec.get("externalClusters", []) if one["name"] == begun.get("source")]
        stores += [one["parameters"] for one in spec.get("plugins", [])]
        if objects.find("Secret", begun["secret"]["name"]) is None or ("source" in begun and not spec.get("externalClusters")):
            return
        if stores and (objects.find("Secret", "orewatch-object-store") is None or any(objects.find("ObjectStore", one["barmanObjectName"]) is None for one in stores)):
            return
        for number in range(1, spec["instances"] + 1):
            labels = {"cnpg.io/cluster": name, "cnpg.io/instanceRole": "primary" if number == 1 else "replica"}
            metadata = {"name": f"{name}-{number}", "labels": labels}
            pod = {"spec": {"containers": [{"name": "postgres"}]}, "status": {"phase": "Running", "conditions": [_condition("Ready", True)]}}
            self._make(objects, "pods", {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, **pod})
            self._make(objects, "persistentvolumeclaims", {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": {}})
        self._make(objects, "secrets", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": CA_OF_CLUSTER.format(name)}})
        objects.set_status(cluster, {"conditions": [_condition("Ready", True), *([_condition("ContinuousArchiving", True)] if archives else [])]})

    @staticmethod
    def _ready(document: dict | None) -> bool:
        return any(one["type"] == "Ready" and one["status"] == "True" for one in (document or {}).get("status", {}).get("conditions", []))

    def _backup(self, objects, backup: dict) -> None:
        spec = backup["spec"]
        cluster = objects.find("Cluster", spec["cluster"]["name"])
        archivers = [one["name"] for one in (cluster or {}).get("spec", {}).get("plugins", [])]
        if self._ready(cluster) and spec.get("method") == "plugin" and spec.get("pluginConfiguration", {}).get("name") in archivers:
            objects.set_status(backup, {"phase": "completed"})

    def _schedule(self, objects, schedule: dict) -> None:
        """The first at once, where it has just been made."""
        name, spec = schedule["metadata"]["name"], schedule["spec"]
        if spec.get("immediate") and "status" not in schedule:
            metadata = {"name": f"{name}-20261127", "labels": {"cnpg.io/scheduled-backup": name}}
            copied = {key: spec[key] for key in ("cluster", "method", "pluginConfiguration")}
            self._make(objects, "backups", {"apiVersion": schedule["apiVersion"], "kind": "Backup", "metadata": metadata, "spec": copied})
            objects.set_status(schedule, {"lastScheduleTime": "2026-11-27T00:00:00Z"})

    def _job(self, objects, job: dict) -> None:
        if "status" in job:
            return
        workload = Manifests([job]).workloads[0]
        if not self._missing(objects, workload):
            fails = any(f"-{name}-" in workload.name for name in self._failing)
            conditions = ("FailureTarget", "Failed") if fails else ("SuccessCriteriaMet", "Complete")
            objects.set_status(job, {"conditions": [_condition(one, True) for one in conditions]})
            self.timeline.append(("failed" if fails else "done", f"Job/{workload.name}"))

    @staticmethod
    def _scaler(objects, scaler: dict) -> None:
        """One whose target has no replicas at all is off."""
        name = scaler["spec"]["scaleTargetRef"]["name"]
        target = objects.find("Deployment", name)
        if target and 0 < target["spec"]["replicas"] < scaler["spec"]["minReplicas"]:
            objects.update(("deployments", "orewatch", name), {"spec": {"replicas": scaler["spec"]["minReplicas"]}}, '"kube-controller-manager" with subresource "scale"')

    def _deployment(self, objects, deployment: dict) -> None:
        workload = Manifests([deployment]).workloads[0]
        if self._missing(objects, workload):
            return
        status = {"observedGeneration": deployment["metadata"]["generation"]}
        status |= {name: deployment["spec"]["replicas"] for name in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")}
        if deployment.get("status") != status:
            self.timeline.append(("rolled out", f"Deployment/{workload.name}"))
            objects.set_status(deployment, status)
