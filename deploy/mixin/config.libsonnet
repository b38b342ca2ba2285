// What an installation may want otherwise: selectors, links, objectives and the limits of alerts. Everything else derives from it.
// `time_scale`: every duration and every threshold in seconds is divided by it, to rehearse hours in seconds.
function(time_scale=1) {
  local config = self,

  time_scale: time_scale,
  // The jobs of services that run apart, and that of all in one process, which does for each of them.
  services: ['orewatch-gateway', 'orewatch-registry', 'orewatch-risk', 'orewatch-alerting'],
  suite: 'orewatch',
  selector: 'job=~"orewatch(-.+)?"',
  // What keeps installations and services apart; a label that targets do not have is no hindrance.
  installation: ['cluster', 'namespace'],
  service: config.installation + ['job'],
  process: config.service + ['instance'],

  runbooks: 'https://docs.example.internal/orewatch/runbooks/',
  alertmanager: 'https://alertmanager.example.internal',
  metrics_page: 'https://docs.example.internal/orewatch/metrics.md',
  dashboards: 'https://grafana.example.internal/d/orewatch-',

  // The database as k8s/components/postgres names it, and the services as the edge does.
  postgres: 'orewatch-postgres',
  upstreams: 'gateway|registry|risk|alerting',

  gateway: 'orewatch.gateway.v1.Gateway',
  registry: 'orewatch.registry.v1.Registry',
  // Reflection, health and calls of what is not there are nobody's use of the product.
  not_product: 'grpc[.].+|unknown',
  bad_codes: 'Unknown|Unimplemented|Internal|Unavailable|DataLoss|DeadlineExceeded',
  // Refusals that are for us to answer for. `rate` is the caller's own quota; `draining` ends with Unavailable, which counts already.
  overload: 'concurrency|queue_full|queue_slow|streams|connections|memory',
  // What answers lack by their callers' doing: what these may not see, and what they give no time for.
  excused: 'denied|deadline',

  // Of the budget of 30 days: 2 % in an hour, 5 % in six; then 10 % in a day, 10 % in three.
  burn: {
    page: [
      { long: '1h', short: '5m', factor: '14.4' },
      { long: '6h', short: '30m', factor: '6' },
    ],
    ticket: [
      { long: '1d', short: '2h', factor: '3' },
      { long: '3d', short: '6h', factor: '1' },
    ],
    // So many that are bad in the long window may be chance. Those that are good do not matter: where there are few, an outage is all of them.
    least_bad: 4,
    hold: { page: '2m', ticket: '15m' },
  },

  // Within which a call, or what somebody is told, is fast: bounds that the histograms have, and no whole numbers, which are written in two ways.
  bounds: { read: '0.25', write: '0.5', watch: '2.5', dispatch: '60.5' },

  // When dashboards warn of what no objective and no alert has a limit for.
  looks: { budget_left: '0.25', dataset_age: '0.8', in_use: '0.8', watchdog: '10m' },

  // Numbers are texts here: jsonnet writes 0.05 as 0.050000000000000003.
  limits: {
    target_down: { up: '0.5', share: '0.5', window: '5m', hold: '5m' },
    // What has been there within `seen` is missed by the installation that had it.
    target_absent: { seen: '6h', hold: '10m' },
    evaluation: { intervals: 3, hold: '2m' },
    backlog: { age: '2m', hold: '5m' },
    alertmanager: { failed: '0.5', window: '5m', hold: '5m' },
    unconfirmed: { hold: '2m' },
    leader: { hold: '2m' },
    risk_lag: { age: '5m', hold: '5m' },
    mismatch: { window: '1h' },
    // More connections that fail than half of the queries that are asked; for longer than a short burst is within the window.
    database: { failed: '0.5', window: '1m', hold: '2m' },
    // Of what is free and what we take; and free at all.
    disk_full: { free: '0.02', least_bytes: 16 * 1024 * 1024, window: '5m', hold: '1m' },
    disk_filling: { free: '0.1', least_bytes: 64 * 1024 * 1024, trend_below: '0.5', trend: '6h', horizon: '1d', hold: '15m' },
    audit: { window: '5m', hold: '1m' },
    // Half of what tokens are allowed by default. How far clocks are apart is no time that passes: it is not scaled.
    clock: { skew_s: 30, hold: '2m' },
    dead_letters: { hold: '5m' },
    dataset: { hold: '15m' },
    shedding: { window: '5m', hold: '10m' },
    degraded: { partial: '0.05', window: '10m', hold: '10m' },
    // A bound of grpc_client_handling_seconds, and the share of calls that may take longer.
    backend: { le: '0.5', slow: '0.1', least_calls: 20, window: '5m', hold: '5m' },
    certificate: { warning: '7d', critical: '1d', warning_hold: '1h', critical_hold: '5m' },
    reload: { hold: '5m' },
    config_hash: { hold: '30m' },
    pool: { in_use: '0.9', hold: '10m' },
    // Of two replicas neither can have more than twice the mean, so half as much again must do.
    unbalanced: { ratio: '1.5', least_rate: 10, window: '5m', hold: '15m' },
    descriptors: { in_use: '0.8', hold: '10m' },
    history: { still: '10m', hold: '10m' },
    exceptions: { window: '15m' },
    log: { window: '15m' },
    edge: { failed: '0.05', least: 4, window: '5m', hold: '5m' },
    edge_upstream: { hold: '2m' },
    // As many instances as there were at once within `seen` are missed; how many there are is looked at each `looked`.
    postgres: { seen: '1d', looked: '5m', hold: { critical: '2m', warning: '10m' } },
    replication: { lag: '30s', hold: '5m' },
    // The log is archived each five minutes at the latest, and all is copied each night.
    archive: { age: { warning: '15m', critical: '1h' }, hold: '5m' },
    postgres_backup: { age: '26h', hold: '1h' },
    postgres_disk: { free: { warning: '0.15', critical: '0.05' }, hold: '5m' },
  },
}
