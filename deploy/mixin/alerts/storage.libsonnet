// Alerts about what keeps the data: disks, databases, the audit log.
function(config)
  local time = (import '../lib/time.libsonnet').new(config.time_scale);
  local alert = (import '../lib/alert.libsonnet')(config);
  local limits = config.limits;
  local process = std.join(', ', config.process);
  local free = 'orewatch_storage_free_bytes';
  local share = '%s / orewatch_storage_capacity_bytes' % free;
  local store = '%s, store' % process;

  [{
    name: 'orewatch-storage',
    rules: [
      alert.new(
        'OrewatchDiskFull',
        'critical',
        local limit = limits.disk_full;
        'min by (%s) (%s) < %s\nor min by (%s) (%s) < %s\nor sum by (%s) (increase(orewatch_storage_write_errors_total{class="full"}[%s])) > 0'
        % [store, share, limit.free, store, free, limit.least_bytes, store, time.window(limit.window)],
        summary='A disk is full, or nearly so: nothing more can be written.',
        description='The store {{ $labels.store }} of {{ $labels.job }} on {{ $labels.instance }} has no room left.',
        dashboard='service',
        hold=limits.disk_full.hold,
      ),
      alert.new(
        'OrewatchDiskFillingUp',
        'warning',
        local limit = limits.disk_filling;
        // On a small disk the page's bytes are more than its share: the warning has both, too.
        'min by (%s) (%s < %s or (%s and %s < %s) or (%s < %s and predict_linear(%s[%s], %s) < 0))'
        % [store, share, limit.free, share, free, limit.least_bytes, share, limit.trend_below, free, time.window(limit.trend), time.seconds(limit.horizon)],
        summary='A disk is filling up.',
        description='{{ $value | humanizePercentage }} of the disk of the store {{ $labels.store }} of {{ $labels.job }} on {{ $labels.instance }} is free: it is almost full, or will be within a day.',
        dashboard='service',
        hold=limits.disk_filling.hold,
      ),
      alert.new(
        'OrewatchAuditLogStuck',
        'critical',
        local window = time.window(limits.audit.window);
        // A sequence tells that there is an audit log.
        'max by (%s) (orewatch_audit_writable == 0 and orewatch_audit_sequence > 0)\nor sum by (%s) (increase(orewatch_audit_write_failures_total[%s])) > 0' % [process, process, window],
        summary='The audit log cannot be written: changes are refused, or go unrecorded.',
        description='{{ $labels.job }} on {{ $labels.instance }} cannot write its audit log.',
        dashboard='service',
        hold=limits.audit.hold,
      ),
      alert.new(
        'OrewatchDatabaseUnreachable',
        'critical',
        local limit = limits.database;
        local window = time.window(limit.window);
        'sum by (%s) (increase(orewatch_db_errors_total{class="connection"}[%s])) > %s * sum by (%s) (increase(orewatch_db_query_seconds_count[%s]))' % [process, window, limit.failed, process, window],
        summary='A service cannot reach its database.',
        description='{{ $labels.job }} on {{ $labels.instance }} has lost or failed to open {{ printf "%.0f" $value }} connections to its database lately.',
        dashboard='service',
        hold=limits.database.hold,
      ),
      alert.new(
        'OrewatchDatabasePoolSaturated',
        'warning',
        'sum by (%s) (orewatch_db_connections{state="in_use"}) / sum by (%s) (orewatch_db_connections_max) > %s' % [process, process, limits.pool.in_use],
        summary='Almost all connections to the database are in use: calls wait for one.',
        description='{{ $labels.job }} on {{ $labels.instance }} uses {{ $value | humanizePercentage }} of its connections to the database.',
        dashboard='service',
        hold=limits.pool.hold,
      ),
    ],
  }]
