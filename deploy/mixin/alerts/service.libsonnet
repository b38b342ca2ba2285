// Alerts that every service has: whether it is there, takes its calls, and gets along with its host.
function(config)
  local time = (import '../lib/time.libsonnet').new(config.time_scale);
  local alert = (import '../lib/alert.libsonnet')(config);
  local limits = config.limits;
  local service = std.join(', ', config.service);
  local process = std.join(', ', config.process);
  local selector = config.selector;

  local certificates =
    'orewatch_tls_certificate_not_after_timestamp_seconds > 0'
    + ' or label_replace(orewatch_tls_ca_not_after_timestamp_seconds > 0, "usage", "ca_$1", "usage", "(.+)")';
  local certificate(severity, limit, hold) = alert.new(
    'OrewatchCertificateExpiringSoon',
    severity,
    'min by (%s, usage) (%s) - time() < %s' % [service, certificates, time.seconds(limit)],
    summary='A certificate in use is about to expire.',
    description='The certificate {{ $labels.usage }} of {{ $labels.job }} expires in {{ $value | humanizeDuration }}.',
    dashboard='service',
    hold=hold,
  );

  [
    {
      name: 'orewatch-targets',
      rules: [
        alert.new(
          'OrewatchTargetDown',
          'critical',
          local limit = limits.target_down;
          // Not those that are no targets any more, which others have replaced.
          'count by (%s) (avg_over_time(up{%s}[%s]) < %s and up{%s}) / count by (%s) (up{%s}) >= %s'
          % [service, selector, time.window(limit.window), limit.up, selector, service, selector, limit.share],
          summary='Half or more of the replicas of a service are down.',
          description='{{ $value | humanizePercentage }} of the targets of {{ $labels.job }} cannot be scraped.',
          dashboard='service',
          hold=limits.target_down.hold,
        ),
        alert.new(
          'OrewatchTargetAbsent',
          'critical',
          local there = 'count by (%s) (max_over_time(up{%s}[%s]))' % [service, selector, time.window(limits.target_absent.seen)];
          local absent = std.join(' or ', ['absent(up{job="%s"})' % job for job in config.services]);
          '%s unless count by (%s) (up{%s})\nor\n(%s) unless on () up{job="%s"} unless on (job) %s' % [there, service, selector, absent, config.suite, there],
          summary='A service has disappeared from scraping altogether.',
          description='There is no target of {{ $labels.job }}.',
          dashboard='service',
          hold=limits.target_absent.hold,
        ),
        alert.new(
          'OrewatchWatchdog',
          'none',
          'vector(1)',
          summary='Always fires; when it stops, nobody is paged any more.',
          description='Prometheus and Alertmanager work. Route this to a switch that alarms when it falls silent.',
          dashboard='alerting',
        ),
      ],
    },
    {
      name: 'orewatch-calls',
      rules: [
        alert.new(
          'OrewatchLoadShedding',
          'warning',
          'sum by (%s, reason) (rate(orewatch_grpc_rejected_total{reason=~"%s"}[%s])) > 0' % [service, config.overload, time.window(limits.shedding.window)],
          summary='A service refuses calls or connections because it has too many.',
          description='{{ $labels.job }} refuses {{ printf "%.2f" $value }} a second ({{ $labels.reason }}).',
          dashboard='service',
          hold=limits.shedding.hold,
        ),
        alert.new(
          'OrewatchBackendSlow',
          'warning',
          local limit = limits.backend;
          local window = time.window(limit.window);
          local counted(function_, family, more='') = 'sum by (%s, grpc_service) (%s(%s{%s%s}[%s]))' % [service, function_, family, selector, more, window];
          '1 - %s / %s > %s and %s > %s' % [
            counted('rate', 'grpc_client_handling_seconds_bucket', ', le="%s"' % limit.le),
            counted('rate', 'grpc_client_handling_seconds_count'),
            limit.slow,
            counted('increase', 'grpc_client_handling_seconds_count'),
            limit.least_calls,
          ],
          summary='A neighbour answers slowly.',
          description='{{ $value | humanizePercentage }} of the calls of {{ $labels.job }} to {{ $labels.grpc_service }} take longer than %s s.' % limits.backend.le,
          dashboard='service',
          hold=limits.backend.hold,
        ),
        alert.new(
          'OrewatchGrpcUnbalanced',
          'warning',
          local limit = limits.unbalanced;
          local rates = 'sum by (%s) (rate(grpc_server_started_total{%s, grpc_type="unary", grpc_service!~"%s"}[%s]))'
                        % [process, selector, config.not_product, time.window(limit.window)];
          'max by (%s) (%s) / avg by (%s) (%s) > %s and sum by (%s) (%s) > %s' % [service, rates, service, rates, limit.ratio, service, rates, limit.least_rate],
          summary='One replica of a service gets far more calls than the others.',
          description='The busiest replica of {{ $labels.job }} gets {{ printf "%.2f" $value }} times the calls of the average one.',
          dashboard='service',
          hold=limits.unbalanced.hold,
        ),
        alert.new(
          'OrewatchHandlerExceptions',
          'warning',
          'sum by (%s, grpc_service, grpc_method) (increase(orewatch_handler_exceptions_total[%s])) > 0' % [service, time.window(limits.exceptions.window)],
          summary='A handler has thrown: a defect of the program.',
          description='{{ $labels.grpc_service }}/{{ $labels.grpc_method }} of {{ $labels.job }} has thrown, {{ printf "%.0f" $value }} times in a quarter of an hour; its callers got INTERNAL.',
          dashboard='service',
        ),
      ],
    },
    {
      name: 'orewatch-host',
      rules: [
        alert.new(
          'OrewatchFileDescriptorsLow',
          'warning',
          'max by (%s) (process_open_fds{%s} / process_max_fds{%s}) > %s' % [process, selector, selector, limits.descriptors.in_use],
          summary='A process has few file descriptors left.',
          description='{{ $labels.job }} on {{ $labels.instance }} uses {{ $value | humanizePercentage }} of its file descriptors.',
          dashboard='service',
          hold=limits.descriptors.hold,
        ),
        alert.new(
          'OrewatchClockSkew',
          'critical',
          'max by (%s) (abs(orewatch_clock_timestamp_seconds - timestamp(orewatch_clock_timestamp_seconds))) > %s' % [process, limits.clock.skew_s],
          summary='The clock of a host is wrong.',
          description='The clock of {{ $labels.job }} on {{ $labels.instance }} is {{ $value | humanizeDuration }} from that of Prometheus.',
          dashboard='service',
          hold=limits.clock.hold,
        ),
        alert.new(
          'OrewatchLogDropped',
          'warning',
          'sum by (%s) (increase(orewatch_log_dropped_total[%s])) > 0' % [process, time.window(limits.log.window)],
          summary='What a process logs is lost, because it is read too slowly.',
          description='{{ printf "%.0f" $value }} lines of the log of {{ $labels.job }} on {{ $labels.instance }} were dropped.',
          dashboard='service',
        ),
        certificate('critical', limits.certificate.critical, limits.certificate.critical_hold),
        certificate('warning', limits.certificate.warning, limits.certificate.warning_hold),
        alert.new(
          'OrewatchConfigReloadFailed',
          'warning',
          'min by (%s, source) (label_replace(orewatch_tls_last_reload_successful, "source", "tls_$1", "usage", "(.+)") or orewatch_auth_last_reload_successful) == 0' % process,
          summary='A process goes on with old certificates or keys, because it cannot take the new ones.',
          description='{{ $labels.job }} on {{ $labels.instance }} could not take what is in its files: {{ $labels.source }}.',
          dashboard='service',
          hold=limits.reload.hold,
        ),
        alert.new(
          'OrewatchConfigHashDiffers',
          'warning',
          'max by (%s) (orewatch_config_hash) != min by (%s) (orewatch_config_hash)' % [service, service],
          summary='Replicas of one service run with different settings.',
          description='The replicas of {{ $labels.job }} do not all have the same settings.',
          dashboard='service',
          hold=limits.config_hash.hold,
        ),
      ],
    },
  ]
