// One screen for whoever is asked how it goes: objectives, risk now, the services, the data.
function(config)
  local p = (import '../lib/panels.libsonnet')(config);
  local budget = '(1 - slo:objective:ratio)';
  local here = '{cluster=~"$cluster", namespace=~"$namespace"}';
  p.board('overview', 'Overview', 'Objectives, risk now, and how the services are.', [
    {
      title: 'Objectives of 30 days',
      panels: [
        p.bars(
          'Error budget left',
          'percentunit',
          'What is left of what may go wrong in 30 days, of each objective. At 0 the objective is missed.',
          { '{{slo}}': 'clamp_min(1 - avg_over_time(slo:sli_error:ratio_rate5m%s[30d]) / on (slo) group_left () %s, 0)' % [here, budget] },
          max=1,
          width=8,
          height=8,
          link=p.runbook('OrewatchGatewayErrorBudgetBurn'),
        ),
        p.timeseries(
          'Burn rate over an hour',
          'short',
          'How many times as fast as allowed the budget is used up: 1 lasts just 30 days; 14.4 pages.',
          { '{{slo}}': 'slo:sli_error:ratio_rate1h%s / on (slo) group_left () %s' % [here, budget] },
          width=10,
          height=8,
          link=p.runbook('OrewatchGatewayErrorBudgetBurn'),
        ),
        p.stat(
          'Alerts about orewatch itself',
          'short',
          'Alerts of these rules that fire, by severity.',
          { '{{severity}}': 'count by (severity) (ALERTS{alertname=~"Orewatch.+", alertstate="firing", severity!="none"}) or label_replace(vector(0), "severity", "all", "", "") unless on () ALERTS{alertname=~"Orewatch.+", alertstate="firing", severity!="none"}' },
          limits=[[1, 'red']],
          width=6,
          height=4,
          link={ title: 'Alerts in Alertmanager', url: config.alertmanager },
        ),
        p.stat(
          'Availability of the gateway, 1 h',
          'percentunit',
          'The share of calls of the last hour that did not fail for our reasons.',
          { availability: '1 - max(slo:sli_error:ratio_rate1h{cluster=~"$cluster", namespace=~"$namespace", slo="gateway-availability"})' },
          width=6,
          height=4,
          decimals=3,
          link=p.dashboard('gateway'),
        ),
      ],
    },
    {
      title: 'Risk now',
      panels: [
        p.bars('Minerals by band', 'short', 'Minerals by the band of their bottleneck stage.', { '{{band}}': p.max('orewatch_risk_subjects', 'band') }, width=6, link=p.dashboard('data')),
        p.table('Band changes in 24 hours', 'short', 'Minerals that went from one band to another within a day.', 'max by (from, to) (increase(%s[24h])) > 0.5 or topk(3, max by (from, to) (increase(%s[24h])))' % [p.of('orewatch_risk_band_changes_total'), p.of('orewatch_risk_band_changes_total')], width=6, link=p.dashboard('data')),
        p.stat('Firing alerts by severity', 'short', 'Alerts about risk that fire now.', { '{{severity}}': p.max('orewatch_alerting_alerts', 'severity', 'state="firing"') }, width=6, height=7, link=p.dashboard('alerting')),
        p.timeseries('Alerts by state', 'short', 'Alerts about risk by what has become of them.', { '{{state}}': 'sum by (state) (max by (state, severity) (%s))' % p.of('orewatch_alerting_alerts') }, width=6, stack=true, link=p.dashboard('alerting')),
      ],
    },
    {
      title: 'Services',
      panels: [
        p.timeseries('Calls', 'reqps', 'Calls that ended, by service.', { '{{grpc_service}}': p.rate('grpc_server_handled_total', 'grpc_service', 'grpc_service!~"grpc[.].+|unknown"') }, width=6, link=p.dashboard('service')),
        p.timeseries('Errors', 'percentunit', 'The share of calls that failed for our reasons, by service.', { '{{grpc_service}}': '%s / (%s > 0) or %s' % [p.rate('grpc_server_handled_total', 'grpc_service', 'grpc_code=~"%s", grpc_service!~"grpc[.].+|unknown"' % config.bad_codes), p.rate('grpc_server_handled_total', 'grpc_service', 'grpc_service!~"grpc[.].+|unknown"'), p.rate('grpc_server_handled_total', 'grpc_service', 'grpc_service!~"grpc[.].+|unknown"')] }, width=6, link=p.dashboard('service')),
        p.timeseries('Latency, 99th percentile', 's', 'Of unary calls, by service.', { '{{grpc_service}}': p.quantile('0.99', 'grpc_server_handling_seconds', 'grpc_service', 'grpc_service!~"grpc[.].+"') }, width=6, link=p.dashboard('service')),
        p.timeseries('Saturation', 'percentunit', 'Unary calls in hand, of as many as are allowed.', { '{{job}} {{instance}}': 'max by (job, instance) (%s / %s)' % [p.of('orewatch_grpc_in_flight'), p.of('orewatch_grpc_in_flight_limit')] }, width=6, link=p.dashboard('service')),
      ],
    },
    {
      title: 'Data',
      panels: [
        p.bars('Age of datasets against what is allowed', 'percentunit', 'At 1 a dataset is as old as it may be.', { '{{dataset}}': '(time() - %s) / (%s > 0)' % [p.max('orewatch_dataset_version_timestamp_seconds', 'dataset'), p.max('orewatch_dataset_max_age_seconds', 'dataset')] }, limits=[[0.8, 'yellow'], [1, 'red']], max=1, width=8, link=p.runbook('OrewatchDatasetStale')),
        p.stat('Revisions behind', 'short', 'Revisions of the registry that scores do not know yet.', { '{{job}}': p.max('orewatch_risk_registry_revision_lag', 'job') }, limits=[[1, 'yellow'], [100, 'red']], height=7, link=p.runbook('OrewatchRiskLag')),
        p.stat('Watchdog seen', 's', 'How long ago the watchdog came back from Alertmanager: it does every five minutes.', { age: 'time() - max(%s)' % p.of('orewatch_alerting_watchdog_seen_timestamp_seconds') }, limits=[[600, 'red']], height=7, link=p.runbook('OrewatchWatchdog')),
        p.timeseries('Revision of the registry', 'short', 'What the registry has, and what scores and alerts are of.', { registry: 'max(%s)' % p.of('orewatch_registry_revision'), risk: 'min(%s)' % p.of('orewatch_risk_applied_revision'), alerting: 'min(%s)' % p.of('orewatch_alerting_applied_revision') }, width=8, link=p.dashboard('data')),
      ],
    },
  ])
