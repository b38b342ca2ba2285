// Each service: rate, errors and duration of its calls; use, saturation and errors of what it lives on.
function(config)
  local p = (import '../lib/panels.libsonnet')(config);
  local product = 'grpc_service!~"grpc[.].+"';
  local total(family) = 'sum(rate(%s[$__rate_interval]))' % p.of(family);
  local full(part, whole) = 'max by (job, instance) (%s / %s)' % [p.of(part), p.of(whole)];
  local quantiles(family, more='') = {
    p50: p.quantile('0.5', family, '', more),
    p90: p.quantile('0.9', family, '', more),
    p99: p.quantile('0.99', family, '', more),
  };
  p.board('service', 'Service', 'Calls, load, neighbours, process, trust and storage of one service or of all.', [
    {
      title: 'Calls',
      panels: [
        p.timeseries('Calls by method', 'reqps', 'The ten methods that are called most.', { '{{grpc_method}}': 'topk(10, %s)' % p.rate('grpc_server_handled_total', 'grpc_method', product) }, stack=true),
        p.timeseries('Calls that did not end well, by code', 'reqps', "The six that are most. Of ours are Unknown, Unimplemented, Internal, Unavailable, DataLoss and DeadlineExceeded; the others are their callers'.", { '{{grpc_code}}': 'topk(6, %s)' % p.rate('grpc_server_handled_total', 'grpc_code', product + ', grpc_code!="OK"') }, stack=true, link=p.runbook('OrewatchGatewayErrorBudgetBurn')),
        p.timeseries('Latency', 's', 'Of unary calls.', quantiles('grpc_server_handling_seconds', product), link=p.runbook('OrewatchGatewayLatencyBudgetBurn')),
        p.table('Slowest methods', 's', 'The 99th percentile of each method that is called.', 'topk(12, histogram_quantile(0.99, sum by (le, grpc_method) (rate(%s[$__range]))) > 0)' % p.of('grpc_server_handling_seconds_bucket', product)),
        p.timeseries('Open streams', 'short', 'Streams that were started and have not ended, by method.', { '{{grpc_method}}': 'sum by (grpc_method) (%s) - sum by (grpc_method) (%s)' % [p.of('grpc_server_started_total', product + ', grpc_type!="unary"'), p.of('grpc_server_handled_total', product + ', grpc_type!="unary"')] }),
        p.timeseries('Messages', 'cps', 'Messages of all calls and streams.', { received: 'sum(rate(%s[$__rate_interval]))' % p.of('grpc_server_msg_received_total'), sent: 'sum(rate(%s[$__rate_interval]))' % p.of('grpc_server_msg_sent_total') }),
        p.timeseries('Deadline left when a call ended', 'percentunit', 'A tenth, and half, of the calls had less left of their deadline than this.', { p10: p.quantile('0.1', 'orewatch_grpc_deadline_remaining_ratio', ''), p50: p.quantile('0.5', 'orewatch_grpc_deadline_remaining_ratio', '') }, max=1),
        p.timeseries('Exceptions', 'short', 'Handlers that threw in five minutes: defects.', { '{{job}}': 'sum by (job) (increase(%s[5m]))' % p.of('orewatch_handler_exceptions_total') }, link=p.runbook('OrewatchHandlerExceptions')),
        p.timeseries('Answers too large', 'short', 'Answers in five minutes that no message can hold: their callers should ask for smaller pages.', { '{{job}}': 'sum by (job) (increase(%s[5m]))' % p.of('orewatch_grpc_responses_too_large_total') }),
      ],
    },
    {
      title: 'Load',
      panels: [
        p.timeseries('In flight', 'short', 'Unary calls in hand: the mean between two scrapes, from the time that calls took, and the most of a moment in which a replica was scraped.', { '{{job}}': 'sum by (job) (rate(%s[$__rate_interval]))' % p.of('grpc_server_handling_seconds_sum'), '{{job}} at most': p.max('orewatch_grpc_in_flight', 'job') }, link=p.runbook('OrewatchLoadShedding')),
        p.timeseries('Wait for a thread, 99th percentile', 's', 'By priority.', { '{{priority}}': p.quantile('0.99', 'orewatch_grpc_queue_seconds', 'priority') }, link=p.runbook('OrewatchLoadShedding')),
        p.timeseries('Refused', 'reqps', "Calls refused before their handler ran, by reason. `rate` is the caller's own quota; `given no time` are calls whose deadline was less than what is promised, and passed.", { '{{reason}}': p.rate('orewatch_grpc_rejected_total', 'reason'), 'given no time': 'sum(rate(%s[$__rate_interval]))' % p.of('orewatch_grpc_impatient_calls_total') }, stack=true, link=p.runbook('OrewatchLoadShedding')),
        p.timeseries('Calls by replica', 'reqps', 'All should get about as many.', { '{{job}} {{instance}}': p.rate('grpc_server_started_total', 'job, instance', product + ', grpc_type="unary"') }, link=p.runbook('OrewatchGrpcUnbalanced')),
        p.timeseries('Streams', 'short', 'Open streams, and those of methods named Watch.', { streams: 'sum(%s)' % p.of('orewatch_grpc_streams'), watches: 'sum(%s)' % p.of('orewatch_watch_streams') }),
        p.timeseries('Saturation', 'percentunit', 'Of as many as are allowed: unary calls in hand, whose limit follows the load, and connections.', { '{{job}} {{instance}} calls': full('orewatch_grpc_in_flight', 'orewatch_grpc_in_flight_limit'), '{{job}} {{instance}} connections': full('orewatch_grpc_connections', 'orewatch_grpc_connections_limit') }, lines=[[p.number(config.looks.in_use), 'yellow']], link=p.runbook('OrewatchLoadShedding')),
        p.timeseries('Connections', 'short', 'On the gRPC port.', { '{{job}} {{instance}}': p.max('orewatch_grpc_connections', 'job, instance') }, width=6, height=7),
        p.timeseries('Connections that come and go', 'cps', 'Let in, closed at once, and cut off.', { accepted: 'sum(rate(%s[$__rate_interval]))' % p.of('orewatch_grpc_connections_accepted_total'), refused: 'sum(rate(%s[$__rate_interval]))' % p.of('orewatch_grpc_connections_refused_total'), cut: 'sum(rate(%s[$__rate_interval]))' % p.of('orewatch_grpc_connections_cut_total') }, width=6, height=7),
        p.timeseries('Arrived and not taken', 'bytes', 'What lies on connections and no call has taken; at 256 MiB whom most is from is cut off.', { '{{job}} {{instance}}': p.max('orewatch_grpc_unhandled_bytes', 'job, instance') }, width=6, height=7),
        p.stat('Largest message', 'bytes', 'The largest message that may be received, and sent.', { '{{direction}}': 'min by (direction) (%s)' % p.of('orewatch_grpc_max_message_bytes') }, width=6, height=7),
      ],
    },
    {
      title: 'Neighbours',
      panels: [
        p.timeseries('Calls to neighbours', 'reqps', 'Started, by who calls and the service that is called.', { '{{job}} to {{grpc_service}}': p.rate('grpc_client_started_total', 'job, grpc_service') }, width=6),
        p.timeseries('Calls to neighbours that failed', 'reqps', 'By service and code, the six that are most. Calls that wait for a revision are cancelled when it comes.', { '{{grpc_service}} {{grpc_code}}': 'topk(6, %s)' % p.rate('grpc_client_handled_total', 'grpc_service, grpc_code', 'grpc_code!="OK"') }, width=6, link=p.runbook('OrewatchBackendSlow')),
        p.timeseries('Latency of neighbours, 99th percentile', 's', 'As their callers see it.', { '{{grpc_service}}': p.quantile('0.99', 'grpc_client_handling_seconds', 'grpc_service') }, width=6, link=p.runbook('OrewatchBackendSlow')),
        p.timeseries('Messages to and from neighbours', 'cps', 'Of calls and streams.', { received: 'sum(rate(%s[$__rate_interval]))' % p.of('grpc_client_msg_received_total'), sent: 'sum(rate(%s[$__rate_interval]))' % p.of('grpc_client_msg_sent_total') }, width=6),
      ],
    },
    {
      title: 'Process',
      panels: [
        p.timeseries('CPU', 'none', 'Processors in use.', { '{{job}} {{instance}}': 'sum by (job, instance) (rate(%s[$__rate_interval]))' % p.of('process_cpu_seconds_total') }, width=6),
        p.timeseries('Memory', 'bytes', 'Resident.', { '{{job}} {{instance}}': p.max('process_resident_memory_bytes', 'job, instance') }, width=6),
        p.timeseries('Virtual memory', 'bytes', 'All that is mapped.', { '{{job}} {{instance}}': p.max('process_virtual_memory_bytes', 'job, instance') }, width=6),
        p.timeseries('File descriptors', 'percentunit', 'Of as many as the process may have. At the line somebody is told.', { '{{job}} {{instance}}': full('process_open_fds', 'process_max_fds') }, lines=[[p.number(config.limits.descriptors.in_use), 'yellow']], width=6, link=p.runbook('OrewatchFileDescriptorsLow')),
        p.timeseries('Threads', 'short', 'Of each process.', { '{{job}} {{instance}}': p.max('process_threads', 'job, instance') }, width=6),
        p.stat('Running for', 's', 'Since the start of the youngest and of the oldest replica of each job.', { '{{job}} youngest': 'time() - max by (job) (%s)' % p.of('process_start_time_seconds'), '{{job}} oldest': 'time() - min by (job) (%s)' % p.of('process_start_time_seconds') }, width=12, height=7),
        p.timeseries('Log lines', 'cps', 'By level; `dropped`, because nobody read them in time.', { '{{level}}': p.rate('orewatch_log_messages_total', 'level'), dropped: 'sum(rate(%s[$__rate_interval]))' % p.of('orewatch_log_dropped_total') }, width=6, stack=true),
        p.stat('Longest drain', 's', 'Of those that were scraped while they lasted, in the time shown.', { '{{job}}': 'max by (job) (max_over_time(%s[$__range]))' % p.of('orewatch_drain_seconds') }, width=4, height=7),
        p.stat('Calls cut off by drains', 'short', 'Those that took longer than the drain, in the time shown.', { '{{job}}': 'sum by (job) (max_over_time(%s[$__range]))' % p.of('orewatch_drain_cancelled_calls_total') }, limits=[[1, 'yellow']], width=4, height=7),
        p.stat('Different settings', 'short', '1 where the replicas of a service do not all have the same.', { '{{job}}': '%s != bool %s' % [p.max('orewatch_config_hash', 'job'), p.min('orewatch_config_hash', 'job')] }, limits=[[1, 'yellow']], width=4, height=7, link=p.runbook('OrewatchConfigHashDiffers')),
        p.table('What runs', 'short', 'Versions, by how many processes run them.', 'count by (job, version, revision) (%s)' % p.of('orewatch_build_info'), width=6, height=7),
        p.timeseries('Clock', 's', 'How far the clock of each host is from that of Prometheus.', { '{{job}} {{instance}}': 'max by (job, instance) (abs(%s - timestamp(%s)))' % [p.of('orewatch_clock_timestamp_seconds'), p.of('orewatch_clock_timestamp_seconds')] }, width=6, height=7, link=p.runbook('OrewatchClockSkew')),
      ],
    },
    {
      title: 'Trust',
      panels: [
        p.timeseries('Callers', 'reqps', 'Calls by what came of the proof of who it is, the six that are most.', { '{{credential}} {{outcome}}': 'topk(6, %s)' % p.rate('orewatch_auth_attempts_total', 'credential, outcome') }, width=8, height=7),
        p.timeseries('Tokens looked up', 'cps', 'Among those verified before.', { '{{result}}': p.rate('orewatch_auth_token_cache_total', 'result') }, width=8, height=7),
        p.table('Certificates and keys', 's', 'Seconds until certificates and authorities in use expire.', 'min by (job, usage) (%s > 0) - time() or label_replace(min by (job, usage) (%s > 0) - time(), "usage", "ca_$1", "usage", "(.+)")' % [p.of('orewatch_tls_certificate_not_after_timestamp_seconds'), p.of('orewatch_tls_ca_not_after_timestamp_seconds')], link=p.runbook('OrewatchCertificateExpiringSoon'), width=8, height=7),
        p.timeseries('Certificates taken anew', 'short', 'In an hour, by job and use.', { '{{job}} {{usage}}': 'topk(8, sum by (job, usage) (increase(%s[1h])))' % p.of('orewatch_tls_reloads_total') }, link=p.runbook('OrewatchConfigReloadFailed'), width=12, height=7),
        p.timeseries('Keys and access files read', 'cps', 'Attempts by result.', { '{{source}} {{result}}': p.rate('orewatch_auth_reloads_total', 'source, result') }, link=p.runbook('OrewatchConfigReloadFailed'), width=12, height=7),
        p.stat('Keys for tokens', 'short', 'Keys that tokens are verified with.', { '{{job}}': p.min('orewatch_auth_token_keys', 'job') }, width=6, height=7),
        p.stat('Keys and access files: read', 's', 'How long ago, of those that there are.', { '{{source}}': 'time() - min by (source) (%s > 0)' % p.of('orewatch_auth_last_reload_success_timestamp_seconds') }, height=7, width=6),
        p.stat('Files that cannot be used', 'short', 'Certificates, keys and access files whose last attempt to read them failed, of all replicas.', { '{{job}}': 'sum by (job) (1 - %s) + sum by (job) (1 - %s)' % [p.of('orewatch_tls_last_reload_successful'), p.of('orewatch_auth_last_reload_successful')] }, limits=[[1, 'red']], height=7, width=6, link=p.runbook('OrewatchConfigReloadFailed')),
        p.stat('Audit log: can be written', 'short', 'By all replicas that keep one.', { '{{job}}': 'min by (job) (%s and on (job, instance) %s > 0)' % [p.of('orewatch_audit_writable'), p.of('orewatch_audit_sequence')] }, limits=[[1, 'green']], base='red', mappings=p.yes, height=7, width=6, link=p.runbook('OrewatchAuditLogStuck')),
        p.timeseries('Audit log: calls', 'reqps', 'Calls that it tells of, by kind.', { '{{kind}}': p.rate('orewatch_audit_calls_total', 'kind') }, stack=true, width=6, height=7),
        p.timeseries('Audit log: time of a write, 99th percentile', 's', 'To bring a group of records to the disk.', { '{{job}}': p.quantile('0.99', 'orewatch_audit_write_seconds', 'job') }, link=p.runbook('OrewatchAuditLogStuck'), width=6, height=7),
        p.timeseries('Audit log: failures', 'short', 'In five minutes: writes, notes in a database, and records lost.', { writes: 'sum(increase(%s[5m]))' % p.of('orewatch_audit_write_failures_total'), notes: 'sum(increase(%s[5m]))' % p.of('orewatch_audit_anchor_failures_total'), lost: 'sum(increase(%s[5m]))' % p.of('orewatch_audit_records_lost_total') }, link=p.runbook('OrewatchAuditLogStuck'), width=6, height=7),
        p.timeseries('Audit log: records not noted yet', 'short', 'Records since the last note in a database, where they are noted in one.', { '{{job}}': 'max by (job) (%s - (%s > 0))' % [p.of('orewatch_audit_sequence'), p.of('orewatch_audit_anchored_sequence')] }, link=p.runbook('OrewatchAuditLogStuck'), width=6, height=7),
      ],
    },
    {
      title: 'Storage',
      panels: [
        p.timeseries('Free', 'bytes', 'On the file system of each store.', { '{{job}} {{store}}': p.min('orewatch_storage_free_bytes', 'job, store') }, link=p.runbook('OrewatchDiskFillingUp')),
        p.timeseries('Taken', 'bytes', 'By the files of each store.', { '{{job}} {{store}}': p.max('orewatch_storage_size_bytes', 'job, store') }, link=p.runbook('OrewatchDiskFillingUp')),
        p.timeseries('Writes that failed', 'short', 'In five minutes, by store and reason.', { '{{store}} {{class}}': 'sum by (store, class) (increase(%s[5m]))' % p.of('orewatch_storage_write_errors_total') }, link=p.runbook('OrewatchDiskFull')),
        p.timeseries('Database: connections', 'short', 'In use, idle, and as many as there may be.', { '{{job}} {{state}}': p.sum('orewatch_db_connections', 'job, state'), '{{job}} limit': p.sum('orewatch_db_connections_max', 'job') }, link=p.runbook('OrewatchDatabasePoolSaturated')),
        p.timeseries('Database: wait for a connection, 99th percentile', 's', 'To read with.', { '{{job}}': p.quantile('0.99', 'orewatch_db_acquire_seconds', 'job') }, link=p.runbook('OrewatchDatabasePoolSaturated')),
        p.timeseries('Database: time of a query, 99th percentile', 's', 'By operation.', { '{{job}} {{operation}}': p.quantile('0.99', 'orewatch_db_query_seconds', 'job, operation') }, link=p.runbook('OrewatchDatabaseUnreachable')),
        p.timeseries('Database: errors', 'cps', 'By class.', { '{{job}} {{class}}': p.rate('orewatch_db_errors_total', 'job, class') }, link=p.runbook('OrewatchDatabaseUnreachable'), width=6, height=7),
        p.timeseries('Database: repeated', 'cps', 'Operations that were repeated on another connection.', { '{{job}} {{operation}}': p.rate('orewatch_db_retries_total', 'job, operation') }, link=p.runbook('OrewatchDatabaseUnreachable'), width=6, height=7),
        p.stat('Database: kept from serving', 'short', 'Replicas that cannot begin to serve because their database is away.', { '{{job}}': p.sum('orewatch_db_awaited', 'job') }, limits=[[1, 'red']], width=6, height=7, link=p.runbook('OrewatchDatabaseUnreachable')),
        p.stat('Database: version of the tables', 'short', 'The same for all replicas, after an upgrade.', { '{{job}}': p.max('orewatch_db_schema_version', 'job') }, width=6, height=7),
      ],
    },
  ])
