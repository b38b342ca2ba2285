"""Mistakes that are one value in one place: (kind, name, path, value), by what they do. A number that is the length of a list adds to it."""

from support.plant import mistake

POD = "spec.template.spec"
CONTAINER = f"{POD}.containers.0"
VALUES = {
    "paused for ever": ("Deployment", "orewatch-risk", "spec.paused", True),
    "ended after ten minutes": ("Deployment", "orewatch-risk", f"{POD}.activeDeadlineSeconds", 600),
    "another program": ("Deployment", "orewatch-risk", f"{CONTAINER}.command", ["/bin/sh", "-c", "sleep 1"]),
    "a library of somebody": ("Deployment", "orewatch-risk", f"{CONTAINER}.env.3", {"name": "LD_PRELOAD", "value": "/tmp/x.so"}),
    "a database in the clear by a variable": ("Deployment", "orewatch-risk", f"{CONTAINER}.env.3", {"name": "PGSSLMODE", "value": "disable"}),
    "one node": ("Deployment", "orewatch-risk", f"{POD}.nodeName", "node1"),
    "nodes of the control plane": ("Deployment", "orewatch-risk", f"{POD}.tolerations", [{"operator": "Exists"}]),
    "before everybody else": ("Deployment", "orewatch-risk", f"{POD}.priorityClassName", "system-node-critical"),
    "names of somebody": ("Deployment", "orewatch-risk", f"{POD}.hostAliases", [{"ip": "203.0.113.9", "hostnames": ["orewatch-registry"]}]),
    "names of the node": ("Deployment", "orewatch-risk", f"{POD}.dnsPolicy", "Default"),
    "ready when somebody says": ("Deployment", "orewatch-risk", f"{POD}.readinessGates", [{"conditionType": "never.example/ready"}]),
    "unconfined by a remark": ("Deployment", "orewatch-risk", "spec.template.metadata.annotations.container\0apparmor\0security\0beta\0kubernetes\0io/risk", "unconfined"),
    "asked after an hour": ("Deployment", "orewatch-risk", f"{CONTAINER}.readinessProbe.initialDelaySeconds", 3600),
    "a word at the start": ("Deployment", "orewatch-risk", f"{CONTAINER}.lifecycle.postStart", {"httpGet": {"host": "example.com", "port": 80, "path": "/"}}),
    "ten hours to end": ("Deployment", "orewatch-risk", f"{POD}.terminationGracePeriodSeconds", 36000),
    "a machine for itself": ("Deployment", "orewatch-risk", f"{CONTAINER}.resources.requests.cpu", "640"),
    "a configuration on the command line": ("Deployment", "orewatch-edge", f"{CONTAINER}.args.8", "--config-yaml={}"),
    "an address from outside": ("Service", "orewatch-risk", "spec.externalIPs", ["203.0.113.4"]),
    "numbers for everybody": ("Service", "orewatch-edge", "spec.ports.1", {"name": "metrics", "port": 9904, "targetPort": "metrics", "appProtocol": "http"}),
    "rights at a cloud": ("ServiceAccount", "orewatch-risk", "metadata.annotations", {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/admin"}),
    "never scaled up": ("HorizontalPodAutoscaler", "orewatch-risk", "spec.behavior.scaleUp", {"selectPolicy": "Disabled"}),
    "all replicas gone at once": ("HorizontalPodAutoscaler", "orewatch-risk", "spec.behavior.scaleDown.policies.0.value", 20),
    "commits that are not on disk": ("Cluster", "orewatch-postgres", "spec.postgresql.parameters.fsync", "off"),
    "commits that nobody waits for": ("Cluster", "orewatch-postgres", "spec.postgresql.parameters.synchronous_commit", "off"),
    "a day of the log lost": ("Cluster", "orewatch-postgres", "spec.postgresql.parameters.archive_timeout", "1d"),
    "a disk of a toy": ("Cluster", "orewatch-postgres", "spec.storage.size", "1Gi"),
    "a version that nobody mends": ("Cluster", "orewatch-postgres", "spec.imageName", "ghcr.io/cloudnative-pg/postgresql:9.6.24"),
    "an hour that there is not": ("ScheduledBackup", "orewatch-postgres", "spec.schedule", "0 0 99 * * *"),
    "kept for no month": ("ObjectStore", "orewatch-postgres", "spec.retentionPolicy", "0m"),
    "no bucket": ("ObjectStore", "orewatch-postgres", "spec.configuration.destinationPath", "s3://"),
    "an authority in a service": ("Certificate", "orewatch-risk", "spec.isCA", True),
    "a certificate of everybody": ("Certificate", "orewatch-edge", "spec.dnsNames.3", "*.orewatch.svc"),
    "a certificate of a neighbour": ("Certificate", "orewatch-risk", "spec.dnsNames.3", "orewatch-registry"),
    "a certificate of ten years": ("Certificate", "orewatch-risk", "spec.duration", "87600h"),
    "what is scraped is thrown away": ("PodMonitor", "orewatch", "spec.podMetricsEndpoints.0.metricRelabelings", [{"action": "drop", "regex": ".*"}]),
    "pods of another namespace are scraped": ("PodMonitor", "orewatch", "spec.namespaceSelector", {"matchNames": ["other"]}),
    "a job that waits": ("Job", "orewatch-migrate-risk", "spec.suspend", True),
    "a job that is done when it begins": ("Job", "orewatch-migrate-risk", "spec.completions", 0),
    "a job of a second": ("Job", "orewatch-migrate-risk", "spec.activeDeadlineSeconds", 1),
}


def _set(kind: str, name: str, path: str, value):
    def make(plant) -> None:
        # A dot within a name stands as \0.
        *above, last = [int(part) if part.isdigit() else part.replace("\0", ".") for part in path.split(".")]
        node = plant.find(kind, name)
        for part in above:
            node = node[part]
        if isinstance(node, list) and last == len(node):
            node.append(value)
        else:
            node[last] = value

    return make


for called, where in VALUES.items():
    planted = _set(*where)
    planted.__name__ = called.replace(" ", "_")
    mistake("allowed", "prod/migrate" if where[0] == "Job" else "prod")(planted)
