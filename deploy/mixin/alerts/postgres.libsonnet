// Alerts about PostgreSQL where CloudNativePG runs it: its instances, its copies outside of the cluster, its volumes.
// Families `cnpg_` are of the exporter in each of its pods, `barman_cloud_` of the plugin that copies, `kubelet_` of the nodes.
function(config)
  local time = (import '../lib/time.libsonnet').new(config.time_scale);
  local alert = (import '../lib/alert.libsonnet')(config);
  local limits = config.limits;
  local installation = std.join(', ', config.installation);

  // By the names of its pods: the exporter's own label `cluster` is called otherwise where targets have one, too.
  local pods = 'pod=~"%s-[0-9]+"' % config.postgres;
  local family(name, more='') = '%s{%s%s}' % [name, pods, more];

  local up = family('cnpg_collector_up');
  local sum = 'sum by (%s) (%s)' % [installation, up];
  // Who is gone says nothing; how many there were at once is remembered.
  local instances = 'max_over_time(count by (%s) (%s)[%s:%s])' % [installation, up, time.window(limits.postgres.seen), time.interval(limits.postgres.looked)];
  local down(severity, expr, summary) = alert.new(
    'OrewatchPostgresDown',
    severity,
    expr,
    summary=summary,
    description='{{ $value | humanizePercentage }} of the instances of PostgreSQL in {{ $labels.namespace }} are up.',
    dashboard='service',
    hold=limits.postgres.hold[severity],
  );

  local archive(severity) = alert.new(
    'OrewatchPostgresArchiveStalled',
    severity,
    local archived = 'max by (%s, pod) (time() - %s)' % [installation, family('cnpg_pg_stat_archiver_last_archived_time')];
    // Of the primary itself: replicas keep files that are nobody's to archive.
    local waiting = 'max by (%s, pod) (%s)' % [installation, family('cnpg_collector_pg_wal_archive_status', ', value="ready"')];
    '%s > %s and %s > 0' % [archived, time.seconds(limits.archive.age[severity]), waiting],
    summary='The log of PostgreSQL is not archived.',
    description='{{ $labels.pod }} has log to archive, and last did {{ $value | humanizeDuration }} ago.',
    dashboard='service',
    hold=limits.archive.hold,
  );

  // Of the volumes as the nodes see them, and of that of the log as PostgreSQL does, where Prometheus does not ask the nodes.
  local of_nodes(name) = 'kubelet_volume_stats_%s_bytes{persistentvolumeclaim=~"%s-[0-9]+(-wal)?"}' % [name, config.postgres];
  local of_log(value) = family('cnpg_collector_pg_wal', ', value="%s"' % value);
  local log = 'label_replace(1 - %s / ignoring (value) %s, "persistentvolumeclaim", "$1-wal", "pod", "(.+)")' % [of_log('size'), of_log('volume_size')];
  local volume(severity) = alert.new(
    'OrewatchPostgresDiskFillingUp',
    severity,
    'min by (%s, persistentvolumeclaim) (%s / %s or %s) < %s' % [installation, of_nodes('available'), of_nodes('capacity'), log, limits.postgres_disk.free[severity]],
    summary='A volume of PostgreSQL is filling up.',
    description='{{ $value | humanizePercentage }} of the volume {{ $labels.persistentvolumeclaim }} is free.',
    dashboard='service',
    hold=limits.postgres_disk.hold,
  );

  [{
    name: 'orewatch-postgres',
    rules: [
      down('critical', '(%s or 0 * %s) == 0' % [sum, instances], 'No instance of PostgreSQL is up.'),
      down('warning', '%s / %s < 1' % [sum, instances], 'An instance of PostgreSQL is down.'),
      alert.new(
        'OrewatchPostgresReplicationLag',
        'warning',
        local replica(what) = 'max by (%s, pod) (%s)' % [installation, family('cnpg_pg_replication_' + what)];
        // One that is cut off has replayed all that it was sent, and so is not behind by its own account.
        '%s > %s\nor %s - %s == 1' % [replica('lag'), time.seconds(limits.replication.lag), replica('in_recovery'), replica('is_wal_receiver_up')],
        summary='A replica of PostgreSQL is behind its primary, or cut off from it.',
        description='{{ $labels.pod }} {{ if eq $value 1.0 }}is sent nothing.{{ else }}is {{ $value | humanizeDuration }} behind.{{ end }}',
        dashboard='service',
        hold=limits.replication.hold,
      ),
      archive('critical'),
      archive('warning'),
      alert.new(
        'OrewatchPostgresBackupOld',
        'warning',
        // PostgreSQL tells of copies that its operator makes itself, and 0 otherwise; also where the plugin is silent.
        local copied = ['barman_cloud_cloudnative_pg_io_last_available_backup_timestamp', 'cnpg_collector_last_available_backup_timestamp'];
        'time() - max by (%s) (%s) > %s' % [installation, std.join(' or ', [family(name) for name in copied]), time.seconds(limits.postgres_backup.age)],
        summary='The last copy of all of PostgreSQL is old, or there is none.',
        description='The last copy of PostgreSQL in {{ $labels.namespace }} is {{ $value | humanizeDuration }} old.',
        dashboard='service',
        hold=limits.postgres_backup.hold,
      ),
      volume('critical'),
      volume('warning'),
    ],
  }]
