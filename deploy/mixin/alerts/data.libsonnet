// Alerts about what is known: scores, their history, datasets, whole answers.
function(config)
  local time = (import '../lib/time.libsonnet').new(config.time_scale);
  local alert = (import '../lib/alert.libsonnet')(config);
  local limits = config.limits;
  local installation = std.join(', ', config.installation);
  local service = std.join(', ', config.service);

  [{
    name: 'orewatch-data',
    rules: [
      alert.new(
        'OrewatchRiskLag',
        'critical',
        // Who is cut off from the registry does not hear that it is behind: compared with what the registry says of itself.
        local unheard = 'max by (%s) (orewatch_registry_revision) - on (%s) group_right() orewatch_risk_applied_revision' % [installation, installation];
        'max by (%s) ((orewatch_risk_registry_revision_lag > 0 or %s > 0) and time() - orewatch_risk_last_applied_timestamp_seconds > %s)'
        % [service, unheard, time.seconds(limits.risk_lag.age)],
        summary='Scores are computed from an old state of the registry.',
        description='Risk is {{ printf "%.0f" $value }} revisions behind the registry, and applies none.',
        dashboard='data',
        hold=limits.risk_lag.hold,
      ),
      alert.new(
        'OrewatchRiskRecomputeMismatch',
        'critical',
        'sum by (%s) (increase(orewatch_risk_recompute_mismatch_total[%s])) > 0' % [service, time.window(limits.mismatch.window)],
        summary='Scores that were computed once more are not what is served.',
        description='{{ printf "%.0f" $value }} scores of {{ $labels.job }} are not what their facts make them; the log names each.',
        dashboard='data',
      ),
      alert.new(
        'OrewatchScoreHistoryLag',
        'warning',
        'max by (%s) (orewatch_risk_history_revision_lag > 0 and changes(orewatch_risk_history_revision[%s]) == 0)' % [service, time.window(limits.history.still)],
        summary='The history of scores is not being recorded.',
        description='{{ printf "%.0f" $value }} revisions wait to be recorded by {{ $labels.job }}, and none is.',
        dashboard='data',
        hold=limits.history.hold,
      ),
      alert.new(
        'OrewatchDatasetStale',
        'warning',
        'time() - max by (%s, dataset) (orewatch_dataset_version_timestamp_seconds) > max by (%s, dataset) (orewatch_dataset_max_age_seconds > 0)' % [installation, installation],
        summary='A dataset is older than it may be.',
        description='The dataset {{ $labels.dataset }} is {{ $value | humanizeDuration }} old.',
        dashboard='data',
        hold=limits.dataset.hold,
      ),
      alert.new(
        'OrewatchGatewayDegraded',
        'warning',
        local limit = limits.degraded;
        local window = time.window(limit.window);
        'sum by (%s) (rate(orewatch_gateway_partial_responses_total{cause!~"%s"}[%s])) / sum by (%s) (rate(orewatch_gateway_aggregated_responses_total[%s])) > %s'
        % [service, config.excused, window, service, window, limit.partial],
        summary='Many answers of the gateway are incomplete.',
        description='For every answer of the gateway {{ $value | humanizePercentage }} of a section is missing.',
        dashboard='gateway',
        hold=limits.degraded.hold,
      ),
    ],
  }]
