// Alerts about the product's own alerts: that they are found, sent, and arrive.
function(config)
  local time = (import '../lib/time.libsonnet').new(config.time_scale);
  local alert = (import '../lib/alert.libsonnet')(config);
  local limits = config.limits;
  local service = std.join(', ', config.service);

  local leaders(name, comparison, summary) = alert.new(
    name,
    'critical',
    'sum by (%s) (orewatch_alerting_leader) %s' % [service, comparison],
    summary=summary,
    description='{{ printf "%.0f" $value }} replicas of {{ $labels.job }} evaluate the rules.',
    dashboard='alerting',
    hold=limits.leader.hold,
  );
  // A webhook that somebody has set up is no reason to wake anybody.
  local backlog(severity, target) = alert.new(
    'OrewatchAlertingDispatchBacklog',
    severity,
    local oldest = 'orewatch_alerting_outbox_oldest_pending_timestamp_seconds{target="%s"}' % target;
    'max by (%s, target) (time() - %s and %s > 0) > %s' % [service, oldest, oldest, time.seconds(limits.backlog.age)],
    summary='Alerts wait to be sent.',
    description='The oldest alert for {{ $labels.target }} has waited {{ $value | humanizeDuration }}.',
    dashboard='alerting',
    hold=limits.backlog.hold,
  );

  [{
    name: 'orewatch-alerting',
    rules: [
      alert.new(
        'OrewatchAlertingRuleEvaluationStalled',
        'critical',
        'time() - max by (%s) (orewatch_alerting_last_evaluation_timestamp_seconds) > %s * max by (%s) (orewatch_alerting_evaluation_interval_seconds)'
        % [service, limits.evaluation.intervals, service],
        summary='The rules of risk are not being evaluated.',
        description='The rules were evaluated {{ $value | humanizeDuration }} ago; nobody hears of new risk.',
        dashboard='alerting',
        hold=limits.evaluation.hold,
      ),
      backlog('critical', 'alertmanager'),
      backlog('warning', 'webhook'),
      alert.new(
        'OrewatchAlertingAlertmanagerUnreachable',
        'critical',
        local limit = limits.alertmanager;
        local requests(more) = 'sum by (%s) (rate(orewatch_alerting_alertmanager_requests_total%s[%s]))' % [service, more, time.window(limit.window)];
        '%s / %s > %s' % [requests('{outcome=~"http_error|timeout|connect_error"}'), requests(''), limit.failed],
        summary='Most requests to Alertmanager fail.',
        description='{{ $value | humanizePercentage }} of the requests of {{ $labels.job }} to Alertmanager fail.',
        dashboard='alerting',
        hold=limits.alertmanager.hold,
      ),
      alert.new(
        'OrewatchAlertingUnconfirmed',
        'critical',
        'max by (%s) (orewatch_alerting_unconfirmed) > 0' % service,
        summary='Alerts fire, and nothing confirms that anybody was told.',
        description='{{ printf "%.0f" $value }} firing alerts have not come back from Alertmanager.',
        dashboard='alerting',
        hold=limits.unconfirmed.hold,
      ),
      leaders('OrewatchAlertingNoLeader', '== 0', 'No replica evaluates the rules of risk.'),
      leaders('OrewatchAlertingTwoLeaders', '> 1', 'Two replicas believe that it is theirs to evaluate the rules of risk.'),
      alert.new(
        'OrewatchAlertingDeadLetters',
        'warning',
        'max by (%s) (orewatch_alerting_dead_letters) > 0' % service,
        summary='Alerts could not be delivered and are not tried again.',
        description='{{ printf "%.0f" $value }} deliveries of {{ $labels.job }} were given up.',
        dashboard='alerting',
        hold=limits.dead_letters.hold,
      ),
    ],
  }]
