// What is known and how fresh it is: the registry, the scores, their inputs.
function(config)
  local p = (import '../lib/panels.libsonnet')(config);
  local answers(part, more='') = 'sum(rate(%s[$__rate_interval]))' % p.of('orewatch_risk_score_age_seconds_' + part, more);
  local older(le) = '1 - ' + p.share(answers('bucket', 'le="%s"' % le), answers('count'));
  p.board('data', 'Data and scoring', 'The registry, the scores that follow it, and what they are computed from.', [
    {
      title: 'Scores follow the registry',
      panels: [
        p.timeseries('Revisions behind', 'short', 'Revisions that the registry has and scores do not know.', { '{{instance}}': p.max('orewatch_risk_registry_revision_lag', 'instance') }, link=p.runbook('OrewatchRiskLag')),
        p.timeseries('Revision', 'short', 'Of the registry, of the scores, and of the history that is kept of them.', { registry: 'max(%s)' % p.of('orewatch_registry_revision'), 'scores of {{instance}}': p.max('orewatch_risk_applied_revision', 'instance'), history: 'max(%s)' % p.of('orewatch_risk_history_revision') }, link=p.runbook('OrewatchRiskLag')),
        p.stat('Last applied', 's', 'How long ago; long where nothing changes.', { '{{instance}}': p.age('orewatch_risk_last_applied_timestamp_seconds', 'instance') }, width=8, height=7, link=p.runbook('OrewatchRiskLag')),
        p.timeseries('Old scores that were served', 'percentunit', 'The share of answers whose scores were last known to be at the head of the registry so long ago; a gap where nobody asked.', {
          'over half a second': older('0.5'),
          'over a minute': older('60.5'),
        }, max=1, link=p.runbook('OrewatchScoringFreshnessBudgetBurn')),
        p.timeseries('From commit to watcher, 99th percentile', 's', 'By job. The line is the objective.', { '{{job}}': p.quantile('0.99', 'orewatch_watch_lag_seconds', 'job') }, lines=[[p.number(config.bounds.watch), 'yellow']], link=p.runbook('OrewatchWatchDeliveryBudgetBurn')),
        p.timeseries('Told to watchers', 'cps', 'Messages on streams of methods named Watch.', { '{{job}}': p.rate('orewatch_watch_events_sent_total', 'job') }, link=p.runbook('OrewatchWatchDeliveryBudgetBurn')),
      ],
    },
    {
      title: 'Scores',
      panels: [
        p.timeseries('Minerals by band', 'short', 'By the band of their bottleneck stage.', { '{{band}}': p.max('orewatch_risk_subjects', 'band') }, stack=true, overrides=p.bands),
        p.timeseries('Changes of band', 'short', 'In an hour, from which to which.', { '{{from}} to {{to}}': 'topk(8, max by (from, to) (increase(%s[1h])))' % p.of('orewatch_risk_band_changes_total') }),
        p.timeseries('Missing inputs', 'short', 'Scores that lack something, by what is missing.', { '{{reason}}': p.max('orewatch_risk_missing_inputs', 'reason') }),
        p.timeseries('Series computed', 'cps', 'By what made it necessary.', { '{{trigger}} {{outcome}}': p.rate('orewatch_risk_computations_total', 'trigger, outcome') }),
        p.timeseries('Time to apply a change, 99th percentile', 's', 'By what made it necessary.', { '{{trigger}}': p.quantile('0.99', 'orewatch_risk_compute_seconds', 'trigger') }),
        p.stat('Scores kept', 'short', 'Those that are kept current.', { '{{instance}}': p.max('orewatch_risk_scores', 'instance') }, width=4, height=7),
        p.stat('Not what they should be', 'short', 'Scores that came out otherwise when they were computed once more, in a day: must be 0.', { mismatches: 'sum(increase(%s[1d]))' % p.of('orewatch_risk_recompute_mismatch_total') }, limits=[[0.5, 'red']], width=4, height=7, link=p.runbook('OrewatchRiskRecomputeMismatch')),
        p.timeseries('Computed once more', 'cps', 'A mineral or country a second.', { '{{instance}}': p.rate('orewatch_risk_recomputed_total', 'instance') }, link=p.runbook('OrewatchRiskRecomputeMismatch'), width=6, height=7),
        p.table('Parameters', 'short', 'The constants of the methods, by how many replicas use them: all should use the same.', 'count by (parameter_set, hash) (%s)' % p.of('orewatch_risk_parameters_info'), width=6, height=7),
        p.timeseries('History behind', 'short', 'Revisions that scores are of and the history has not.', { '{{instance}}': p.max('orewatch_risk_history_revision_lag', 'instance'), 'failures in 5 min': 'sum(increase(%s[5m]))' % p.of('orewatch_risk_history_failures_total') }, link=p.runbook('OrewatchScoreHistoryLag'), width=6, height=7),
        p.timeseries('Who records the history', 'short', 'One replica of those that share a database.', { '{{instance}}': p.max('orewatch_risk_history_lease_held', 'instance') }, max=1, link=p.runbook('OrewatchScoreHistoryLag'), width=6, height=7),
      ],
    },
    {
      title: 'Datasets',
      panels: [
        p.bars('Age', 's', 'Of the newest version of each dataset; one of a time to come is new.', { '{{dataset}}': 'clamp_min(time() - (%s > 0), 0)' % p.max('orewatch_dataset_version_timestamp_seconds', 'dataset') }, width=8, link=p.runbook('OrewatchDatasetStale')),
        p.bars('Age against what is allowed', 'percentunit', 'At 1 it is as old as it may be.', { '{{dataset}}': p.share('clamp_min(time() - (%s > 0), 0)' % p.max('orewatch_dataset_version_timestamp_seconds', 'dataset'), p.max('orewatch_dataset_max_age_seconds', 'dataset')) }, limits=[[p.number(config.looks.dataset_age), 'yellow'], [1, 'red']], max=1, width=8, link=p.runbook('OrewatchDatasetStale')),
        p.bars('Rows', 'short', 'Of each dataset.', { '{{dataset}}': p.max('orewatch_dataset_rows', 'dataset') }, width=8),
      ],
    },
    {
      title: 'Registry',
      panels: [
        p.bars('Resources', 'short', 'By kind.', { '{{kind}}': p.max('orewatch_registry_resources', 'kind', 'state="active"') }, height=8),
        p.timeseries('Deleted resources', 'short', 'Those that can be undeleted, by kind.', { '{{kind}}': 'topk(8, %s)' % p.max('orewatch_registry_resources', 'kind', 'state="deleted"') }, height=8),
        p.timeseries('Mutations', 'cps', 'By what was to be done and what came of it.', { '{{operation}} {{outcome}}': 'topk(10, %s)' % p.rate('orewatch_registry_mutations_total', 'operation, outcome') }, stack=true, height=8),
        p.timeseries('Conflicts and repetitions', 'cps', 'Stale etags, requests that were repeated, and repeated with other contents.', { conflicts: 'sum(rate(%s[$__rate_interval]))' % p.of('orewatch_registry_etag_conflicts_total'), repeated: 'sum(rate(%s[$__rate_interval]))' % p.of('orewatch_registry_idempotent_replays_total'), mismatched: 'sum(rate(%s[$__rate_interval]))' % p.of('orewatch_registry_idempotency_mismatch_total') }),
        p.timeseries('Page tokens refused', 'cps', 'By reason.', { '{{reason}}': p.rate('orewatch_registry_page_tokens_rejected_total', 'reason') }),
        p.timeseries('Rows imported', 'cps', 'By outcome.', { '{{outcome}}': p.rate('orewatch_registry_import_rows_total', 'outcome') }, stack=true),
        p.timeseries('Time of a commit', 's', 'Durable, of a group. The line is the objective of a write.', { p50: p.quantile('0.5', 'orewatch_registry_commit_seconds', ''), p99: p.quantile('0.99', 'orewatch_registry_commit_seconds', '') }, lines=[[p.number(config.bounds.write), 'yellow']], link=p.runbook('OrewatchRegistryWriteLatencyBudgetBurn'), width=16),
        p.stat('Compacted up to', 'short', 'Older revisions can no longer be watched.', { revision: 'max(%s)' % p.of('orewatch_registry_compacted_revision') }, width=8, height=7),
      ],
    },
  ])
