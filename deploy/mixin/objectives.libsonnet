// The objectives, a line each, and what follows from every line: records of the share that was bad over all windows, and two alerts.
function(config)
  local time = (import 'lib/time.libsonnet').new(config.time_scale);
  local alert = (import 'lib/alert.libsonnet')(config);
  local by = std.join(', ', config.installation);
  // Formats are slow: what is written often is put together instead.
  local sum = 'sum by (' + by + ') ';
  local process = std.join(', ', config.process);

  local gateway = 'grpc_service="%s"' % config.gateway;
  local mutations = 'grpc_service="%s", grpc_method=~"(Create|Update|Delete|Undelete).+|ApplyChanges"' % config.registry;

  // Taken off, where calls that were given less time than reads are promised shall not count.
  local impatient(w) = ' or -rate(orewatch_grpc_impatient_calls_total{' + gateway + '}[' + w + '])';

  // `bad` and `all` of what is counted, over a window.
  local ratio(bad, all) = { bad: bad, all: all };
  // Calls slower than one of the bounds.
  local slower(family, selector, le) =
    local rates(part, more) = function(w) sum + '(rate(' + family + part + '{' + selector + more + '}[' + w + ']))';
    local all = rates('_count', '');
    local fast = rates('_bucket', ', le="' + le + '"');
    ratio(bad=function(w) all(w) + ' - ' + fast(w), all=all);
  // Moments that were bad, of all moments. What was there within a day, and has been silent for a minute, is bad too: an outage is no gap.
  local minute = time.window('1m');
  local there(family, window) = 'group by (' + by + ') (last_over_time(' + family + '[' + time.window(window) + ']))';
  local slices(family, bad) = { slice: bad + '\nor\n' + there(family, '1d') + ' unless ' + there(family, '1m') };

  local objectives = [
    {
      slo: 'gateway-availability',
      alert: 'OrewatchGatewayErrorBudgetBurn',
      target: '99.9 %',
      budget: '0.001',
      dashboard: 'gateway',
      what: 'the calls of the gateway fail, or are refused for want of capacity',
      // Refusals have no service: those of processes that have a gateway count.
      sli: ratio(
        bad=function(w)
          sum + '(rate(grpc_server_handled_total{' + gateway + ', grpc_code=~"' + config.bad_codes + '"}[' + w + '])' + impatient(w)
          + ' or (rate(orewatch_grpc_rejected_total{reason=~"' + config.overload + '"}[' + w + ']) and on (' + process + ') orewatch_gateway_aggregated_responses_total))',
        all=function(w) sum + '(rate(grpc_server_handled_total{' + gateway + '}[' + w + '])' + impatient(w) + ')',
      ),
    },
    {
      slo: 'gateway-read-latency',
      alert: 'OrewatchGatewayLatencyBudgetBurn',
      target: '99 %',
      budget: '0.01',
      dashboard: 'gateway',
      what: 'the reads of the gateway take longer than 250 ms',
      sli: slower('grpc_server_handling_seconds', gateway, config.bounds.read),
    },
    {
      slo: 'registry-write-latency',
      alert: 'OrewatchRegistryWriteLatencyBudgetBurn',
      target: '99 %',
      budget: '0.01',
      dashboard: 'data',
      what: 'the writes to the registry take longer than 500 ms',
      sli: slower('grpc_server_handling_seconds', mutations, config.bounds.write),
    },
    {
      slo: 'complete-answers',
      alert: 'OrewatchGatewayCompletenessBudgetBurn',
      target: '99 %',
      budget: '0.01',
      dashboard: 'gateway',
      what: 'the answers of the gateway are incomplete',
      // An answer may lack several sections: a share above one says no more than one.
      sli: ratio(
        bad=function(w) sum + '(rate(orewatch_gateway_partial_responses_total{cause!~"' + config.excused + '"}[' + w + ']))',
        all=function(w) sum + '(rate(orewatch_gateway_aggregated_responses_total[' + w + ']))',
      ) + { most: 1 },
    },
    {
      slo: 'watch-delivery',
      alert: 'OrewatchWatchDeliveryBudgetBurn',
      target: '99 %',
      budget: '0.01',
      dashboard: 'data',
      what: 'what watchers are told comes later than 2.5 s after its commit',
      sli: slower('orewatch_watch_lag_seconds', config.selector, config.bounds.watch),
    },
    {
      slo: 'alert-timeliness',
      alert: 'OrewatchAlertTimelinessBudgetBurn',
      target: '99.9 %',
      budget: '0.001',
      dashboard: 'alerting',
      what: 'the alerts reach no Alertmanager within 60.5 s',
      // There are few alerts, and two that come late are no chance.
      least_bad: 1,
      sli: slower('orewatch_alerting_notify_seconds', 'stage="dispatch"', config.bounds.dispatch),
    },
    {
      slo: 'scoring-freshness',
      alert: 'OrewatchScoringFreshnessBudgetBurn',
      target: '99.5 %',
      budget: '0.005',
      dashboard: 'data',
      what: 'the time scores are older than the registry',
      // Behind for a whole minute, and nothing applied in it: a revision that has just been committed is not behind. Who is cut off from the registry does not hear of
      // what it misses, so the registry is asked what it had a minute ago; where it does not tell, risk's own word counts. Who has just started has no scores yet, rather than
      // old ones.
      sli: slices(
        'orewatch_risk_registry_revision_lag',
        local missed = '(max by (%s) (orewatch_registry_revision offset %s) - on (%s) group_right() (orewatch_risk_applied_revision > 0) > bool 0)' % [by, minute, by];
        local behind = '(%s or (min_over_time(orewatch_risk_registry_revision_lag[%s]) > bool 0))' % [missed, minute];
        'max by (%s) (%s * (time() - orewatch_risk_last_applied_timestamp_seconds > bool %s))' % [by, behind, time.seconds('1m')],
      ),
    },
    {
      slo: 'alert-completeness',
      alert: 'OrewatchAlertCompletenessBudgetBurn',
      target: '99.95 %',
      budget: '0.0005',
      dashboard: 'alerting',
      what: 'the time there are firing alerts that nothing confirms',
      // Nobody knows what is confirmed while there is no leader. One that dies is replaced within the minute.
      sli: slices('orewatch_alerting_unconfirmed', 'clamp_max(max by (%s) (orewatch_alerting_unconfirmed > bool 0) + (max by (%s) (max_over_time(orewatch_alerting_leader[%s])) == bool 0), 1)' % [by, by, minute]),
    },
  ];

  // Windows from a day on are looked at less often: they are dear, and change slowly.
  local windows = { fast: ['5m', '30m', '1h', '2h', '6h'], slow: ['1d', '3d'] };
  local record(name, objective, expr) = { record: name, labels: { slo: objective.slo }, expr: expr + '\n' };
  local share(objective, window) =
    local w = time.window(window);
    local sli = objective.sli;
    if std.objectHas(sli, 'slice')
    then 'avg_over_time(slo:sli_bad:slice{slo="' + objective.slo + '"}[' + w + '])'
    else
      local quotient = '(' + sli.bad(w) + ')\n/\n(' + sli.all(w) + ' > 0)';
      if std.objectHas(sli, 'most') then 'clamp_max(' + quotient + ', ' + sli.most + ')' else quotient;
  local isSlice(objective) = std.objectHas(objective.sli, 'slice');
  local shares(objective, windows) = [
    record('slo:sli_error:ratio_rate' + window, objective, share(objective, window))
    for window in windows
  ];
  local events(objective, windows) = [
    record('slo:sli_events:increase' + window, objective, objective.sli.all(time.window(window)) + ' * ' + time.seconds(window))
    for window in windows
    if !isSlice(objective) && std.member(['5m'] + [pair.long for pair in config.burn.page + config.burn.ticket], window)
  ];
  // Of all objectives: how many were bad, and what is left of the budget, below 0 where more was bad than may be. Each event counts once, whenever it
  // was: the windows of 5 minutes overlap, as many times for those that were bad as for all.
  local bad = { record: 'slo:sli_bad:increase5m', expr: 'slo:sli_error:ratio_rate5m * slo:sli_events:increase5m\n' };
  local left =
    local over(function_, metric) = function_ + '_over_time(' + metric + '[' + time.window('30d') + '])';
    local counted = over('sum', bad.record) + ' / (' + over('sum', 'slo:sli_events:increase5m') + ' > 0)';
    local moments = over('avg', 'slo:sli_bad:slice');
    { record: 'slo:period_error_budget_remaining:ratio', expr: '1 - (' + counted + ' or ' + moments + ') / on (slo) group_left () (1 - slo:objective:ratio)\n' };

  local burns(objective, pair) =
    local at(metric, window) = 'slo:' + metric + window + '{slo="' + objective.slo + '"}';
    local limit = '(' + pair.factor + ' * ' + objective.budget + ')';
    std.join(' and ', [
      at('sli_error:ratio_rate', pair.long) + ' > ' + limit,
      at('sli_error:ratio_rate', pair.short) + ' > ' + limit,
    ] + (if isSlice(objective) then [] else [
           at('sli_error:ratio_rate', pair.long) + ' * ' + at('sli_events:increase', pair.long) + ' > ' + std.get(objective, 'least_bad', config.burn.least_bad),
         ]));

  local burn(objective, kind, severity, summary) = alert.new(
    objective.alert,
    severity,
    std.join('\nor\n', ['(' + burns(objective, pair) + ')' for pair in config.burn[kind]]),
    summary='The error budget of ' + objective.slo + ' is burning ' + summary + '.',
    description='{{ $value | humanizePercentage }} of ' + objective.what + '; the objective of 30 days is ' + objective.target + '.',
    dashboard=objective.dashboard,
    hold=config.burn.hold[kind],
    labels={ slo: objective.slo },
  );

  {
    objectives: objectives,

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
    ]) + [
      {
        name: 'orewatch-slo-targets',
        interval: time.interval('30s'),
        rules: [record('slo:objective:ratio', objective, 'vector(1 - %s)' % objective.budget) for objective in objectives] + [bad],
      },
      { name: 'orewatch-slo-budgets', interval: time.interval('2m'), rules: [left] },
    ],

    alerts: {
      name: 'orewatch-slo',
      rules: std.flattenArrays([
        [burn(objective, 'page', 'critical', 'fast'), burn(objective, 'ticket', 'warning', 'slowly')]
        for objective in objectives
      ]),
    },
  }
