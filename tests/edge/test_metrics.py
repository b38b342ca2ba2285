"""What Prometheus gets of the edge, on a port of its own, and that nobody gets more there."""

import re

import pytest
import requests

from programs.edge import Edge
from programs.process import ROOT, free_port

ENVOYS = ("", "config_dump", "clusters", "certs", "stats", "stats/prometheus/", "stats/prometheus/../../config_dump", "ready")
OTHER_PAGES = (*ENVOYS, "livez", "gateway/v1/overview")


@pytest.fixture(scope="module")
def scraped(tmp_path_factory, suite):
    port = free_port()
    with Edge(tmp_path_factory.mktemp("scraped"), suite.address, {"metrics_listen": f"127.0.0.1:{port}"}) as edge:
        assert requests.get(f"{edge.url}/livez", timeout=5).status_code == 200
        yield f"http://127.0.0.1:{port}", edge


def page(scraped) -> str:
    answer = requests.get(f"{scraped[0]}/stats/prometheus", timeout=10)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain")
    return answer.text


def test_prometheus_gets_what_dashboards_and_rules_ask(scraped):
    readers = [*(ROOT / "deploy/grafana/dashboards").glob("*.json"), *(ROOT / "deploy/prometheus/rules").glob("*.yml")]
    asked = {name for file in readers for name in re.findall(r"envoy_\w+(?=\{)", file.read_text())}
    assert {"envoy_http_downstream_rq_xx", "envoy_cluster_membership_healthy"} <= asked
    exposed = page(scraped)
    for name in asked:
        of = 'envoy_cluster_name="risk"' if "_cluster_" in name else 'envoy_http_conn_manager_prefix="edge"'
        assert re.search(rf"^{name}\{{[^}}]*{of}", exposed, re.MULTILINE), name


@pytest.mark.parametrize("path", OTHER_PAGES)
def test_there_is_no_other_page(scraped, path):
    # As it stands: the library would tidy it up.
    request = requests.Request("GET", scraped[0]).prepare()
    request.url = f"{scraped[0]}/{path}"
    with requests.Session() as session:
        assert session.send(request, timeout=5).status_code == 404


@pytest.mark.parametrize("path", ["/stats/prometheus", "/quitquitquit", "/drain_listeners", "/reset_counters", "/logging?level=debug", "/runtime_modify?a=b"])
def test_nothing_can_be_changed(scraped, path):
    assert requests.post(scraped[0] + path, timeout=5).status_code == 404
    assert requests.get(f"{scraped[1].url}/livez", timeout=5).status_code == 200
