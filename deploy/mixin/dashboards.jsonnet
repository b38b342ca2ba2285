// The dashboards, by the names of their files: jsonnet --tla-code time_scale=1 -m FOLDER dashboards.jsonnet
function(time_scale=1)
  local config = (import 'config.libsonnet')(time_scale);
  {
    'overview.json': (import 'dashboards/overview.libsonnet')(config),
    'service.json': (import 'dashboards/service.libsonnet')(config),
    'alerting.json': (import 'dashboards/alerting.libsonnet')(config),
    'data.json': (import 'dashboards/data.libsonnet')(config),
    'gateway.json': (import 'dashboards/gateway.libsonnet')(config),
  }
