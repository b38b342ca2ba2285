// The objectives, a line each, and what follows from every line: records of the share that was bad over all windows, and two alerts.
function(config)
  local time = (import 'lib/time.libsonnet').new(config.time_scale);
  local alert = (import 'lib/alert.libsonnet')(config);
  local by = std.join(', ', config.installation);

  local product = '%s, grpc_service!~"%s"' % [config.selector, config.not_product];
  local gateway = 'grpc_service="%s"' % config.gateway;
  local mutations = 'grpc_service="%s", grpc_method=~"(Create|Update|Delete|Undelete).+|ApplyChanges"' % config.registry;

  // `bad` and `all` of what is counted, over a window.
  local ratio(bad, all) = { bad: bad, all: all };
  // Calls slower than a bound, which must be one that the histogram has and no whole number: those are written in two ways.
  local slower(family, selector, le) = ratio(
    bad=function(w) 'sum by (%s) (rate(%s_count{%s}[%s])) - sum by (%s) (rate(%s_bucket{%s, le="%s"}[%s]))' % [by, family, selector, w, by, family, selector, le, w],
    all=function(w) 'sum by (%s) (rate(%s_count{%s}[%s]))' % [by, family, selector, w],
  );
  // Moments that were bad, of all moments.
  local slices(bad) = { slice: bad };

  local objectives = [
    {
      slo: 'gateway-availability',
      alert: 'OrewatchGatewayErrorBudgetBurn',
      target: 0.999,
      dashboard: 'gateway',
      what: 'the calls of the gateway fail, or are refused for want of capacity',
      // Refusals have no service: those of processes that have a gateway count.
      sli: ratio(
        bad=function(w) 'sum by (%s) (rate(grpc_server_handled_total{%s, grpc_code=~"%s"}[%s]) or (rate(orewatch_grpc_rejected_total{reason=~"%s"}[%s]) and on (%s) orewatch_gateway_aggregated_responses_total))'
                        % [by, gateway, config.bad_codes, w, config.overload, w, std.join(', ', config.process)],
        all=function(w) 'sum by (%s) (rate(grpc_server_handled_total{%s}[%s]))' % [by, gateway, w],
      ),
    },
    {
      slo: 'gateway-read-latency',
      alert: 'OrewatchGatewayLatencyBudgetBurn',
      target: 0.99,
      dashboard: 'gateway',
      what: 'the reads of the gateway take longer than 250 ms',
      sli: slower('grpc_server_handling_seconds', gateway, '0.25'),
    },
    {
      slo: 'registry-write-latency',
      alert: 'OrewatchRegistryWriteLatencyBudgetBurn',
      target: 0.99,
      dashboard: 'data',
      what: 'the writes to the registry take longer than 500 ms',
      sli: slower('grpc_server_handling_seconds', mutations, '0.5'),
    },
    {
      slo: 'complete-answers',
      alert: 'OrewatchGatewayCompletenessBudgetBurn',
      target: 0.99,
      dashboard: 'gateway',
      what: 'the answers of the gateway are incomplete',
      // An answer may lack several sections: a share above one says no more than one. What a caller may not see is no lack.
      sli: ratio(
        bad=function(w) 'sum by (%s) (rate(orewatch_gateway_partial_responses_total{cause!="denied"}[%s]))' % [by, w],
        all=function(w) 'sum by (%s) (rate(orewatch_gateway_aggregated_responses_total[%s]))' % [by, w],
      ) + { most: 1 },
    },
    {
      slo: 'watch-delivery',
      alert: 'OrewatchWatchDeliveryBudgetBurn',
      target: 0.99,
      dashboard: 'data',
      what: 'what watchers are told comes later than 2.5 s after its commit',
      sli: slower('orewatch_watch_lag_seconds', config.selector, '2.5'),
    },
    {
      slo: 'alert-timeliness',
      alert: 'OrewatchAlertTimelinessBudgetBurn',
      target: 0.999,
      dashboard: 'alerting',
      what: 'the alerts reach no Alertmanager within 60.5 s',
      sli: slower('orewatch_alerting_notify_seconds', 'stage="dispatch"', '60.5'),
    },
    {
      slo: 'scoring-freshness',
      alert: 'OrewatchScoringFreshnessBudgetBurn',
      target: 0.995,
      dashboard: 'data',
      what: 'the time scores are older than the registry',
      // Behind for a whole minute, and nothing applied in it: a revision that has just been committed is not behind.
      sli: slices('max by (%s) ((min_over_time(orewatch_risk_registry_revision_lag[%s]) > bool 0) * (time() - orewatch_risk_last_applied_timestamp_seconds > bool %s))'
                  % [by, time.duration('1m'), time.seconds('1m')]),
    },
    {
      slo: 'alert-completeness',
      alert: 'OrewatchAlertCompletenessBudgetBurn',
      target: 0.9995,
      dashboard: 'alerting',
      what: 'the time there are firing alerts that nothing confirms',
      sli: slices('max by (%s) (orewatch_alerting_unconfirmed > bool 0)' % by),
    },
  ];

  // Windows from a day on are looked at less often: they are dear, and change slowly.
  local windows = { fast: ['5m', '30m', '1h', '2h', '6h'], slow: ['1d', '3d'] };
  local record(name, objective, expr) = { record: name, labels: { slo: objective.slo }, expr: expr + '\n' };
  local share(objective, window) =
    local w = time.duration(window);
    local sli = objective.sli;
    if std.objectHas(sli, 'slice')
    then 'avg_over_time(slo:sli_bad:slice{slo="%s"}[%s])' % [objective.slo, w]
    else (if std.objectHas(sli, 'most') then 'clamp_max(%s, 1)' else '%s') % ['(%s)\n/\n(%s > 0)' % [sli.bad(w), sli.all(w)]];
  local isSlice(objective) = std.objectHas(objective.sli, 'slice');
  // 1 - 0.999 is not quite 0.001 in binary.
  local budget(objective) = std.parseJson('%.6g' % (1 - objective.target));

  local shares(objective, windows) = [
    record('slo:sli_error:ratio_rate%s' % window, objective, share(objective, window))
    for window in windows
  ];
  local events(objective, windows) = [
    record('slo:sli_events:increase%s' % window, objective, '%s * %s' % [objective.sli.all(time.duration(window)), time.seconds(window)])
    for window in windows
    if !isSlice(objective) && std.member([pair.long for pair in config.burn.page + config.burn.ticket], window)
  ];

  local burns(objective, pair) =
    local at(metric, window) = 'slo:%s%s{slo="%s"}' % [metric, window, objective.slo];
    local limit = '(%s * %s)' % [time.number(pair.factor), time.number(budget(objective))];
    std.join(' and ', [
      '%s > %s' % [at('sli_error:ratio_rate', pair.long), limit],
      '%s > %s' % [at('sli_error:ratio_rate', pair.short), limit],
    ] + (if isSlice(objective) then [] else ['%s > %s' % [at('sli_events:increase', pair.long), config.burn.least_events]]));

  local burn(objective, kind, severity, summary) = alert.new(
    objective.alert,
    severity,
    std.join('\nor\n', ['(%s)' % burns(objective, pair) for pair in config.burn[kind]]),
    summary='The error budget of %s is burning %s.' % [objective.slo, summary],
    description='{{ $value | humanizePercentage }} of %s; over 30 days the objective allows %g %%.' % [objective.what, budget(objective) * 100],
    dashboard=objective.dashboard,
    hold=config.burn.hold[kind],
    labels={ slo: objective.slo },
  );

  {
    objectives: objectives,
    budget: budget,

    recording: std.flattenArrays([
      [
        {
          name: 'orewatch-slo-%s' % objective.slo,
          interval: time.interval('30s'),
          rules: (if isSlice(objective) then [record('slo:sli_bad:slice', objective, objective.sli.slice)] else [])
                 + shares(objective, windows.fast) + events(objective, windows.fast),
        },
        {
          name: 'orewatch-slo-%s-slow' % objective.slo,
          interval: time.interval('2m'),
          rules: shares(objective, windows.slow) + events(objective, windows.slow),
        },
      ]
      for objective in objectives
    ]) + [{
      name: 'orewatch-slo-targets',
      interval: time.interval('30s'),
      rules: [record('slo:objective:ratio', objective, 'vector(%s)' % time.number(objective.target)) for objective in objectives],
    }],

    alerts: {
      name: 'orewatch-slo',
      rules: std.flattenArrays([
        [burn(objective, 'page', 'critical', 'fast'), burn(objective, 'ticket', 'warning', 'slowly')]
        for objective in objectives
      ]),
    },
  }
