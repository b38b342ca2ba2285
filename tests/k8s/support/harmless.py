"""What may be tampered with and nobody notices, each with the reason why that is as well. By `kind: path`."""

# Taken away.
TAKEN = {
    r"\w+: metadata\.(labels|annotations)\..*": "for people, where nothing selects by it",
    r"(Deployment|Job): .*\.annotations.*": "with which container kubectl begins",
    r"Deployment: spec\.revisionHistoryLimit": "ten old revisions, by default",
    r"Deployment: .*\.fsGroupChangePolicy": "a start takes longer where a volume has many files",
    r"(Deployment|Job): .*\.privileged": "false, by default",
    r"(Deployment|Service|NetworkPolicy): .*\.protocol": "TCP, by default",
    r"Deployment: spec\.strategy\.type": "rolling, by default",
    r"Service: spec\.type": "a door within the cluster",
    r"HorizontalPodAutoscaler: spec\.behavior\.scaleUp": "Kubernetes' own pace is no slower",
    r"Certificate: spec\.issuerRef\.(group|kind)": "of cert-manager, an Issuer, by default; of all services alike",
    r"PodMonitor: .*\.(path|scrapeTimeout|relabelings\.0\.action)": "as by default: /metrics, ten seconds, replace",
    r"Cluster: spec\.primaryUpdateStrategy": "as by default",
    r"ObjectStore: spec\.configuration\.(wal|data|endpointURL).*": "not compressed; of Amazon",
    r"ScheduledBackup: spec\.backupOwnerReference": "who deletes the schedule keeps its copies",
    r"Job: spec\.(backoffLimit|ttlSecondsAfterFinished)": "six times, by default; kept until somebody deletes it",
    r"Namespace: metadata\.labels\..*-version": "the newest rules, by default",
    r"ConfigMap: data\.OREWATCH_(LOG_LEVEL|DATABASE_CONNECTIONS)": "as by default",
    r"NetworkPolicy: spec\..*part-of": "peers of ours need not be said to be ours",
}
# Added.
ADDED = {
    r"Deployment: .*\.args\.[0-9]+": "the last flag, said once more",
    r"\w+: (.*\.)?metadata\.(labels|annotations)(\.planted)?": "without a prefix: private to the installation, says Kubernetes",
    r"Service: spec\.(loadBalancerClass|loadBalancerSourceRanges)": "who brings the load balancer; fewer callers",
    r"(PersistentVolumeClaim|Cluster): .*[sS]torageClass(Name)?": "where volumes come from is the cluster's own",
    r"HorizontalPodAutoscaler: spec\.behavior\.scaleUp\..*": "within bounds",
    r"Cluster: spec\.postgresql\.synchronous\.dataDurability": "required, which is the default",
    r"NetworkPolicy: .*\.[0-9]+": "what is there, said once more",
}
# Changed to another value.
CHANGED = {
    r"\w+: (.*\.)?metadata\.(labels|annotations)\..*": "as of what is added",
    r"(Deployment|Job): .*\.annotations.*": "with which container kubectl begins",
    r"PodMonitor: .*\.replacement": "how a cluster is called is its own",
}
