// The way of an alert: found, sent, accepted, confirmed.
function(config)
  local p = (import '../lib/panels.libsonnet')(config);
  local total(family, more='') = 'sum(rate(%s[$__rate_interval]))' % p.of(family, more);
  local used(family) = 'sum by (integration) (rate(alertmanager_%s[$__rate_interval])) and on (integration) sum by (integration) (alertmanager_notifications_total) > 0' % family;
  p.board('alerting', 'Alerting', 'From a risk that is found to a person who knows.', [
    {
      title: 'The way of an alert',
      panels: [
        p.timeseries('From evaluation to confirmation', 'cps', 'How often each step happens: evaluations, changes of state, deliveries, requests that Alertmanager took, and notifications that came back.', {
          evaluations: total('orewatch_alerting_evaluations_total'),
          'changes of state': total('orewatch_alerting_transitions_total'),
          deliveries: total('orewatch_alerting_deliveries_total', 'result="delivered"'),
          accepted: total('orewatch_alerting_alertmanager_requests_total', 'outcome="accepted"'),
          confirmed: total('orewatch_alerting_notifications_back_total', 'result="ok"'),
        }, link=p.runbook('OrewatchAlertTimelinessBudgetBurn'), width=10),
        p.timeseries('Time until somebody knows, 99th percentile', 's', 'From what happened to firing (detect), to an Alertmanager that has it (dispatch), to the notification that came back (confirm). The line is the objective of `dispatch`.', { '{{stage}}': p.quantile('0.99', 'orewatch_alerting_notify_seconds', 'stage') }, lines=[[p.number(config.bounds.dispatch), 'yellow']], link=p.runbook('OrewatchAlertTimelinessBudgetBurn'), width=8),
        p.stat('Not confirmed', 'short', 'Firing alerts that nothing confirms after two minutes.', { unconfirmed: 'max(%s)' % p.of('orewatch_alerting_unconfirmed') }, limits=[[1, 'red']], link=p.runbook('OrewatchAlertingUnconfirmed'), width=6, height=7),
        p.timeseries('Outbox', 'short', 'What is to be sent, by target.', { '{{target}}': p.max('orewatch_alerting_outbox_pending', 'target') }, link=p.runbook('OrewatchAlertingDispatchBacklog')),
        p.timeseries('Oldest in the outbox', 's', 'How long it has waited; 0: nothing waits.', { '{{target}}': 'max by (target) ((time() - %s) * (%s > bool 0))' % [p.of('orewatch_alerting_outbox_oldest_pending_timestamp_seconds'), p.of('orewatch_alerting_outbox_oldest_pending_timestamp_seconds')] }, link=p.runbook('OrewatchAlertingDispatchBacklog')),
        p.stat('Watchdog seen', 's', 'How long ago it came back from Alertmanager: it does every five minutes. No data: it never came.', { age: 'time() - max(%s > 0)' % p.of('orewatch_alerting_watchdog_seen_timestamp_seconds') }, limits=[[p.seconds(config.looks.watchdog), 'red']], link=p.runbook('OrewatchWatchdog'), width=4, height=7),
        p.stat('Given up', 'short', 'Deliveries that are dead until somebody replays them.', { dead: 'max(%s)' % p.of('orewatch_alerting_dead_letters') }, limits=[[1, 'yellow']], link=p.runbook('OrewatchAlertingDeadLetters'), width=4, height=7),
      ],
    },
    {
      title: 'Alerts',
      panels: [
        p.timeseries('By state', 'short', 'What has become of them.', { '{{state}}': 'sum by (state) (max by (state, severity) (%s))' % p.of('orewatch_alerting_alerts') }, stack=true),
        p.bars('Firing by severity', 'short', 'Those that fire now.', { '{{severity}}': p.max('orewatch_alerting_alerts', 'severity', 'state="firing"') }, overrides=p.coloured({ critical: 'red', warning: 'orange', info: 'blue' })),
        p.timeseries('Changes of state', 'cps', 'From which state to which.', { '{{from}} to {{to}}': p.rate('orewatch_alerting_transitions_total', 'from, to') }, stack=true),
        p.timeseries('Not told, and why', 'cps', 'Alerts that nobody is told of on purpose.', { '{{reason}}': p.rate('orewatch_alerting_suppressed_total', 'reason') }, stack=true),
        p.timeseries('Flapping', 'short', 'Alerts that come and go too often.', { flapping: 'max(%s)' % p.of('orewatch_alerting_flapping') }),
        p.stat('Rules', 'short', 'By state.', { '{{state}}': p.max('orewatch_alerting_rules', 'state') }, width=8, height=7),
      ],
    },
    {
      title: 'Evaluation',
      panels: [
        p.stat('Last evaluation', 's', 'How long ago the rules were evaluated, and how often they should be.', { age: 'time() - max(%s > 0)' % p.of('orewatch_alerting_last_evaluation_timestamp_seconds'), interval: 'max(%s)' % p.of('orewatch_alerting_evaluation_interval_seconds') }, link=p.runbook('OrewatchAlertingRuleEvaluationStalled'), width=6, height=7),
        p.timeseries('Time of an evaluation', 's', 'Its commit included.', { p50: p.quantile('0.5', 'orewatch_alerting_evaluation_seconds', ''), p99: p.quantile('0.99', 'orewatch_alerting_evaluation_seconds', '') }, link=p.runbook('OrewatchAlertingRuleEvaluationStalled'), width=6),
        p.timeseries('Evaluations that failed, and that were missed', 'cps', 'By reason.', { '{{reason}}': p.rate('orewatch_alerting_evaluation_failures_total', 'reason'), missed: total('orewatch_alerting_missed_evaluations_total') }, link=p.runbook('OrewatchAlertingRuleEvaluationStalled'), width=6),
        p.timeseries('Who evaluates', 'short', 'One replica has the lease.', { '{{instance}}': p.max('orewatch_alerting_leader', 'instance') }, link=p.runbook('OrewatchAlertingNoLeader'), width=6, max=1),
        p.timeseries('Revision', 'short', 'Of the registry, and up to which scores have been evaluated.', { registry: 'max(%s)' % p.of('orewatch_registry_revision'), evaluated: 'max(%s)' % p.of('orewatch_alerting_applied_revision') }, link=p.runbook('OrewatchRiskLag'), width=6),
        p.stat('Epoch of the lease', 'short', 'It grows by one when another replica takes it.', { epoch: 'max(%s)' % p.of('orewatch_alerting_lease_epoch') }, link=p.runbook('OrewatchAlertingNoLeader'), width=6, height=7),
        p.timeseries('Commits made again', 'cps', "Because another replica's came first.", { '{{instance}}': p.rate('orewatch_alerting_commit_retries_total', 'instance') }, width=6),
        p.timeseries('Commits of other replicas not taken over', 'short', 'By replica.', { '{{instance}}': p.max('orewatch_alerting_commit_lag', 'instance') }, width=6),
      ],
    },
    {
      title: 'Delivery',
      panels: [
        p.timeseries('Requests to Alertmanager', 'reqps', 'By outcome.', { '{{outcome}}': p.rate('orewatch_alerting_alertmanager_requests_total', 'outcome') }, stack=true, link=p.runbook('OrewatchAlertingAlertmanagerUnreachable')),
        p.timeseries('Deliveries', 'cps', 'By target and result.', { '{{target}} {{result}}': p.rate('orewatch_alerting_deliveries_total', 'target, result') }, stack=true, link=p.runbook('OrewatchAlertingDeadLetters')),
        p.timeseries('Notifications that came back', 'reqps', 'By what became of them.', { '{{result}}': p.rate('orewatch_alerting_notifications_back_total', 'result') }, stack=true, link=p.runbook('OrewatchAlertingUnconfirmed')),
        p.timeseries('Not accepted, not notified', 'short', 'Firing alerts that no Alertmanager has taken for two minutes, and changes that have not come back.', { 'not accepted': 'max(%s)' % p.of('orewatch_alerting_unaccepted_alerts'), 'not notified': 'max(%s)' % p.of('orewatch_alerting_unnotified_transitions') }, width=6, link=p.runbook('OrewatchAlertingUnconfirmed'), height=7),
        p.timeseries('Differences found', 'cps', 'Alerts that an Alertmanager did not hold as it should have.', { '{{kind}}': p.rate('orewatch_alerting_reconcile_differences_total', 'kind') }, width=6, height=7),
        p.timeseries('Dropped', 'cps', 'What is older than it is to be kept: deliveries, those that were given up and never replayed, and events.', { '{{what}}': p.rate('orewatch_alerting_dropped_total', 'what') }, stack=true, width=6, height=7),
        p.stat('Alertmanagers', 'short', 'Addresses that are told.', { '{{instance}}': p.max('orewatch_alerting_alertmanagers_discovered', 'instance') }, width=3, height=7, link=p.runbook('OrewatchAlertingAlertmanagerUnreachable')),
        p.stat('Webhooks left alone', 'short', 'Those that have failed often in a row.', { '{{instance}}': p.max('orewatch_alerting_webhook_open_circuits', 'instance') }, limits=[[1, 'yellow']], width=3, height=7),
      ],
    },
    {
      // Its own metrics, which have none of our labels.
      title: 'Alertmanager',
      panels: [
        p.timeseries('Notifications', 'cps', 'Sent by Alertmanager, and failed, by the integrations that it uses.', { '{{integration}}': used('notifications_total'), '{{integration}} failed': used('notifications_failed_total') }, link=p.runbook('OrewatchAlertingUnconfirmed')),
        p.timeseries('Alerts it holds', 'short', 'By state.', { '{{state}}': 'max by (state) (alertmanager_alerts)' }, stack=true),
        p.stat('Members', 'short', 'Of its cluster. No data: it runs alone.', { members: 'max(alertmanager_cluster_members)' }, height=7, width=8),
      ],
    },
  ])
