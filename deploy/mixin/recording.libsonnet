// What dashboards ask often enough to be computed beforehand.
function(config)
  local time = (import 'lib/time.libsonnet').new(config.time_scale);
  local window = time.duration('5m');
  local without = 'sum without (instance, pod%s)';
  local rates(label, family, selector='') =
    '%s (rate(%s{%s%s}[%s]))\n' % [without % label, family, config.selector, selector, window];
  [{
    name: 'orewatch-grpc',
    interval: time.interval('30s'),
    rules: [
      {
        record: 'job_grpc_service_method:grpc_server_handled:rate5m',
        expr: rates(', grpc_code', 'grpc_server_handled_total'),
      },
      {
        record: 'job_grpc_service_method:grpc_server_handled_errors:rate5m',
        expr: rates(', grpc_code', 'grpc_server_handled_total', ', grpc_code=~"%s"' % config.bad_codes),
      },
      {
        record: 'job_grpc_service_method_le:grpc_server_handling_seconds_bucket:rate5m',
        expr: rates('', 'grpc_server_handling_seconds_bucket'),
      },
    ],
  }]
