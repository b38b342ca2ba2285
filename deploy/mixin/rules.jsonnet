// The files of rules, by their names: jsonnet --tla-code time_scale=1 -m FOLDER rules.jsonnet
function(time_scale=1)
  local config = (import 'config.libsonnet')(time_scale);
  local objectives = (import 'objectives.libsonnet')(config);
  local time = (import 'lib/time.libsonnet').new(time_scale);
  {
    'recording.rules.yml': { groups: objectives.recording },
    'alerts.rules.yml': {
      groups: [
        group { interval: time.interval('30s') }
        for group in [objectives.alerts]
                     + (import 'alerts/service.libsonnet')(config)
                     + (import 'alerts/storage.libsonnet')(config)
                     + (import 'alerts/neighbours.libsonnet')(config)
                     + (import 'alerts/postgres.libsonnet')(config)
                     + (import 'alerts/data.libsonnet')(config)
                     + (import 'alerts/alerting.libsonnet')(config)
      ],
    },
  }
