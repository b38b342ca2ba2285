// One screen for whoever is asked how it goes: objectives, risk now, the services, the data.
function(config)
  local p = (import '../lib/panels.libsonnet')(config);
  local objectives = (import '../objectives.libsonnet')(config).objectives;
  local availability = [one for one in objectives if one.slo == 'gateway-availability'][0];
  local here = 'cluster=~"$cluster", namespace=~"$namespace"';
  local of(metric, more='') = '%s{%s%s}' % [metric, here, more];
  local page = [p.number(pair.factor) for pair in config.burn.page];
  local burn = of('slo:sli_error:ratio_rate1h') + ' / on (slo) group_left () (1 - slo:objective:ratio)';
  // The watchdog always fires: where it does not, nobody knows of the others.
  local firing(severity) = 'count(ALERTS{%s, alertname=~"Orewatch.+", alertstate="firing", severity="%s"}) or 0 * count(ALERTS{alertname="OrewatchWatchdog", alertstate="firing"})' % [here, severity];
  local bands = ['low', 'guarded', 'elevated', 'high', 'severe'];
  local changes(pairs) = 'sum(max by (from, to) (' + std.join(' or ', ['increase(%s[24h])' % p.of('orewatch_risk_band_changes_total', pair) for pair in pairs]) + '))';
  local worse = ['from="%s", to=~"%s"' % [bands[i], std.join('|', bands[i + 1:])] for i in std.range(0, 3)];
  local better = ['from=~"%s", to="%s"' % [std.join('|', bands[i + 1:]), bands[i]] for i in std.range(0, 3)];
  local product = 'grpc_service!~"%s"' % config.not_product;
  local full(part, whole) = 'max by (job) (%s / %s)' % [p.of(part), p.of(whole)];
  p.board('overview', 'Overview', 'Objectives, risk now, and how the services are.', [
    {
      title: 'Now',
      panels: [
        p.stat('Replicas that can be seen', 'short', 'By job. A job that is missing here is missing altogether.', { '{{job}}': 'sum by (job) (up{%s, %s})' % [here, config.selector] }, limits=[[1, 'green']], base='red', width=8, height=4, link=p.runbook('OrewatchTargetDown')),
        p.stat(
          'Availability of the gateway, 1 h',
          'percentunit',
          'The share of calls of the last hour that did not fail for our reasons. Green: the objective is met; red: it is missed by so much that somebody is paged.',
          { availability: '1 - max(%s)' % of('slo:sli_error:ratio_rate1h', ', slo="%s"' % availability.slo) },
          limits=[[1 - page[0] * p.number(availability.budget), 'yellow'], [1 - p.number(availability.budget), 'green']],
          base='red',
          width=5,
          height=4,
          decimals=3,
          link=p.dashboard('gateway'),
        ),
        p.stat('Alerts about orewatch itself', 'short', 'Alerts of these rules that fire, by severity.', { critical: firing('critical'), warning: firing('warning') }, limits=[], base='text', overrides=p.limited({ critical: [[0, 'green'], [1, 'red']], warning: [[0, 'green'], [1, 'orange']] }), width=6, height=4, link={ title: 'Alerts in Alertmanager', url: config.alertmanager }),
        p.stat('Watchdog seen', 's', 'How long ago the watchdog came back from Alertmanager: it does every five minutes. No data: it never came.', { age: 'time() - max(%s > 0)' % p.of('orewatch_alerting_watchdog_seen_timestamp_seconds') }, limits=[[p.seconds(config.looks.watchdog), 'red']], width=5, height=4, link=p.runbook('OrewatchWatchdog')),
      ],
    },
    {
      title: 'Objectives of 30 days',
      panels: [
        p.bars(
          'Error budget left',
          'percentunit',
          'What is left of what may go wrong in 30 days, of each objective: of all events in them, or of all moments. Below 0 the objective is missed.',
          { '{{slo}}': of('slo:period_error_budget_remaining:ratio') },
          limits=[[0, 'yellow'], [p.number(config.looks.budget_left), 'green']],
          base='red',
          max=1,
          width=8,
          height=8,
          link=p.runbook('OrewatchGatewayErrorBudgetBurn'),
        ),
        p.timeseries(
          'Error budget left, over time',
          'percentunit',
          'The same as it went: a slope is a leak, a step was an outage, and a rise is an outage of 30 days ago that counts no more.',
          { '{{slo}}': of('slo:period_error_budget_remaining:ratio') },
          min=null,
          max=1,
          lines=[[0, 'red']],
          width=8,
          height=8,
          link=p.runbook('OrewatchGatewayErrorBudgetBurn'),
        ),
        p.timeseries(
          'Burn rate over an hour',
          'short',
          'How many times as fast as allowed the budget is used up: at 1 it lasts just 30 days. From the upper lines on somebody is paged, at %s within an hour and at %s within six.' % [pair.factor for pair in config.burn.page],
          { '{{slo}}': burn },
          lines=[[1, 'yellow']] + [[factor, 'red'] for factor in std.sort(page)],
          width=8,
          height=8,
          link=p.runbook('OrewatchGatewayErrorBudgetBurn'),
        ),
      ],
    },
    {
      title: 'Risk now',
      panels: [
        p.bars('Minerals by band', 'short', 'Minerals by the band of their bottleneck stage.', { '{{band}}': p.max('orewatch_risk_subjects', 'band') }, overrides=p.bands, width=6, link=p.dashboard('data')),
        p.stat('Minerals that changed their band in 24 hours', 'short', 'To a worse one, and to a better one; each time counts.', { worse: changes(worse), better: changes(better) }, limits=[], base='text', overrides=p.limited({ worse: [[0.5, 'orange']], better: [[0.5, 'green']] }), decimals=0, width=6, height=7, link=p.dashboard('data')),
        p.stat('Firing alerts by severity', 'short', 'Alerts about risk that fire now.', { '{{severity}}': p.max('orewatch_alerting_alerts', 'severity', 'state="firing"') }, limits=[], base='text', overrides=p.severities, width=6, height=7, link=p.dashboard('alerting')),
        p.timeseries('Alerts by state', 'short', 'Alerts about risk by what has become of them.', { '{{state}}': 'sum by (state) (max by (state, severity) (%s))' % p.of('orewatch_alerting_alerts') }, width=6, stack=true, link=p.dashboard('alerting')),
      ],
    },
    {
      title: 'Services',
      panels: [
        p.timeseries('Calls', 'reqps', 'Calls that ended, by service.', { '{{grpc_service}}': p.rate('grpc_server_handled_total', 'grpc_service', product) }, width=6, link=p.dashboard('service')),
        p.timeseries('Errors', 'percentunit', 'The share of calls that ended with a code that is ours to answer for, by service, less those that were given no time; a gap where nobody called.', { '{{grpc_service}}': p.share('sum by (grpc_service) (rate(%s[$__rate_interval]) or -rate(%s[$__rate_interval]))' % [p.of('grpc_server_handled_total', '%s, grpc_code=~"%s"' % [product, config.bad_codes]), p.of('orewatch_grpc_impatient_calls_total', product)], p.rate('grpc_server_handled_total', 'grpc_service', product)) }, width=6, link=p.dashboard('service')),
        p.timeseries('Latency, 99th percentile', 's', 'Of unary calls, by service. Reads of the gateway should stay below the line.', { '{{grpc_service}}': p.quantile('0.99', 'grpc_server_handling_seconds', 'grpc_service', product) }, lines=[[p.number(config.bounds.read), 'yellow']], width=6, link=p.dashboard('service')),
        p.timeseries('Saturation', 'percentunit', 'Of as much as there may be: unary calls in hand, connections, and file descriptors, of the fullest replica.', {
          '{{job}} calls': full('orewatch_grpc_in_flight', 'orewatch_grpc_in_flight_limit'),
          '{{job}} connections': full('orewatch_grpc_connections', 'orewatch_grpc_connections_limit'),
          '{{job}} files': full('process_open_fds', 'process_max_fds'),
        }, lines=[[p.number(config.looks.in_use), 'yellow']], width=6, link=p.dashboard('service')),
      ],
    },
    {
      title: 'Data',
      panels: [
        p.bars('Age of datasets against what is allowed', 'percentunit', 'At 1 a dataset is as old as it may be; one of a time to come is new.', { '{{dataset}}': p.share('clamp_min(time() - (%s > 0), 0)' % p.max('orewatch_dataset_version_timestamp_seconds', 'dataset'), p.max('orewatch_dataset_max_age_seconds', 'dataset')) }, limits=[[p.number(config.looks.dataset_age), 'yellow'], [1, 'red']], max=1, width=8, link=p.runbook('OrewatchDatasetStale')),
        p.stat('Scores behind the registry', 's', 'How long revisions wait that scores do not know; 0: there are none.', { '{{job}}': 'max by (job) ((time() - (%s > 0)) * (%s > bool 0))' % [p.of('orewatch_risk_last_applied_timestamp_seconds'), p.of('orewatch_risk_registry_revision_lag')] }, limits=[[p.seconds('1m'), 'yellow'], [p.seconds(config.limits.risk_lag.age), 'red']], width=6, height=7, link=p.runbook('OrewatchRiskLag')),
        p.timeseries('Revision', 'short', 'What the registry has, and what scores and alerts are of.', { registry: 'max(%s)' % p.of('orewatch_registry_revision'), risk: 'min(%s)' % p.of('orewatch_risk_applied_revision'), alerting: 'min(%s)' % p.of('orewatch_alerting_applied_revision') }, width=10, link=p.dashboard('data')),
      ],
    },
  ])
