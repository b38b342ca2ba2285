"""Mistakes in what refers to what, planted for test_mistakes.py."""

from support.plant import mistake


@mistake("allowed")
def key_of_the_authority_mounted(plant):
    del next(one for one in plant.pod("orewatch-registry")["volumes"] if one["name"] == "postgres-ca")["secret"]["items"]


@mistake("files-are-mounted")
def password_not_found(plant):
    plant.container("orewatch-registry")["env"].clear()


@mistake("allowed")
def key_that_stays(plant):
    plant.find("Certificate", "orewatch-registry")["spec"]["privateKey"]["rotationPolicy"] = "Never"


@mistake("allowed")
def scaler_blind_to_streams(plant):
    metrics = plant.find("HorizontalPodAutoscaler", "orewatch-gateway")["spec"]["metrics"]
    metrics[:] = [one for one in metrics if one["pods"]["metric"]["name"] != "orewatch_grpc_streams"]


@mistake("allowed")
def no_version(plant):
    del plant.find("Deployment", "orewatch-gateway")["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/version"]


@mistake("allowed")
def forgotten_namespace(plant):
    del plant.find("Deployment", "orewatch-edge")["metadata"]["namespace"]


@mistake("selectors-select")
def service_of_nothing(plant):
    plant.find("Service", "orewatch-risk")["spec"]["selector"] = {"app.kubernetes.io/name": "orewatch-risks"}


@mistake("allowed")
def version_in_a_selector(plant):
    plant.find("Deployment", "orewatch-risk")["spec"]["selector"]["matchLabels"]["app.kubernetes.io/version"] = "0.1.0"


@mistake("network")
def policy_of_nothing(plant):
    plant.policy("gateway")["podSelector"]["matchLabels"]["app.kubernetes.io/component"] = "gatway"


@mistake("everything-is-scraped")
def edge_that_nobody_scrapes(plant):
    plant.remove("PodMonitor", "orewatch-edge")


@mistake("everything-is-scraped")
def job_by_another_name(plant):
    plant.find("PodMonitor", "orewatch")["spec"]["jobLabel"] = "app.kubernetes.io/component"


@mistake("disruption-budgets")
def no_disruption_budget(plant):
    plant.remove("PodDisruptionBudget", "orewatch-edge")


@mistake("allowed")
def nodes_that_cannot_be_emptied(plant):
    spec = plant.find("PodDisruptionBudget", "orewatch-alerting")["spec"]
    del spec["maxUnavailable"]
    spec["minAvailable"] = "100%"


@mistake("allowed")
def all_on_one_node(plant):
    del plant.pod("orewatch-gateway")["topologySpreadConstraints"]


@mistake("ports")
def typo_in_a_port(plant):
    plant.container("orewatch-risk")["ports"][0]["containerPort"] = 7201


@mistake("ports")
def typo_in_an_address(plant):
    container = plant.container("orewatch-risk")
    container["args"] = [argument.replace(":7102", ":7120") for argument in container["args"]]


@mistake("allowed")
def service_with_another_port(plant):
    plant.find("Service", "orewatch-risk")["spec"]["ports"][0]["port"] = 80


@mistake("calls-are-shared-by-all-replicas")
def calls_to_one_address(plant):
    plant.find("ConfigMap", "orewatch-gateway-")["data"]["OREWATCH_RISK_ADDRESS"] = "orewatch-risk:7102"


@mistake("calls-are-shared-by-all-replicas")
def service_with_an_address(plant):
    del plant.find("Service", "orewatch-risk")["spec"]["clusterIP"]


@mistake("references")
def typo_in_a_secret(plant):
    next(one for one in plant.pod("orewatch-risk")["volumes"] if one["name"] == "tls")["secret"]["secretName"] = "orewatch-risk-tsl"


@mistake("references", "dev")
def no_claim(plant):
    plant.remove("PersistentVolumeClaim", "orewatch-registry")


@mistake("files-are-mounted")
def typo_in_a_path(plant):
    plant.find("ConfigMap", "orewatch-risk-")["data"]["OREWATCH_TLS_KEY"] = "/etc/orewatch/tsl/tls.key"


@mistake("files-are-mounted")
def file_that_is_left_out(plant):
    plant.find("ConfigMap", "orewatch-risk-")["data"]["OREWATCH_ACCESS_FILE"] = "/etc/orewatch/access/access.txt"


@mistake("replicas")
def one_replica(plant):
    plant.find("Deployment", "orewatch-alerting")["spec"]["replicas"] = 1


@mistake("allowed")
def down_to_one(plant):
    plant.find("HorizontalPodAutoscaler", "orewatch-risk")["spec"]["minReplicas"] = 1


@mistake("autoscalers")
def scaler_of_nothing(plant):
    plant.find("HorizontalPodAutoscaler", "orewatch-risk")["spec"]["scaleTargetRef"]["name"] = "orewatch-score"


@mistake("autoscalers")
def replicas_set_back(plant):
    plant.find("Deployment", "orewatch-risk")["spec"]["replicas"] = 2


@mistake("connections-fit")
def more_replicas_than_connections(plant):
    plant.find("HorizontalPodAutoscaler", "orewatch-registry")["spec"]["maxReplicas"] = 40


@mistake("protected")
def without_client_certificates(plant):
    plant.find("ConfigMap", "orewatch-registry-")["data"]["OREWATCH_TLS_CLIENT_AUTH"] = "none"


@mistake("protected")
def unprotected(plant):
    plant.container("orewatch-registry")["args"].append("--allow_unprotected")


@mistake("certificates")
def certificate_of_another_name(plant):
    plant.find("Certificate", "orewatch-registry")["spec"]["dnsNames"] = ["registry"]


@mistake("jobs-of-this-version", "prod/migrate")
def job_of_no_version(plant):
    plant.find("Job", "orewatch-migrate-risk")["metadata"]["name"] = "orewatch-migrate-risk"


@mistake("jobs-of-this-version", "prod/migrate")
def database_forgotten(plant):
    plant.remove("Job", "orewatch-migrate-alerting")


@mistake("nothing-is-missing")
def no_door(plant):
    plant.remove("Service", "orewatch-edge")
