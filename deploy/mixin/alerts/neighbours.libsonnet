// Alerts about what stands before the services: the edge.
function(config)
  local time = (import '../lib/time.libsonnet').new(config.time_scale);
  local alert = (import '../lib/alert.libsonnet')(config);
  local limits = config.limits;
  local service = std.join(', ', config.service);

  [{
    name: 'orewatch-neighbours',
    rules: [
      alert.new(
        'OrewatchEdgeErrors',
        'critical',
        local limit = limits.edge;
        local answers(function_, more) = 'sum by (%s) (%s(envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix="edge"%s}[%s]))' % [service, function_, more, time.window(limit.window)];
        local failed = ', envoy_response_code_class="5"';
        '%s / %s > %s and %s > %s' % [answers('rate', failed), answers('rate', ''), limit.failed, answers('increase', failed), limit.least],
        summary='The edge answers many requests with an error of ours.',
        description='{{ $value | humanizePercentage }} of the answers of the edge are 5xx.',
        dashboard='gateway',
        hold=limits.edge.hold,
      ),
      alert.new(
        'OrewatchEdgeWithoutService',
        'critical',
        'max by (%s, envoy_cluster_name) (envoy_cluster_membership_healthy{envoy_cluster_name=~"%s"}) == 0' % [service, config.upstreams],
        summary='The edge finds no replica of a service that is well.',
        description='{{ printf "%.0f" $value }} replicas of {{ $labels.envoy_cluster_name }} are well for the edge.',
        dashboard='gateway',
        hold=limits.edge_upstream.hold,
      ),
    ],
  }]
