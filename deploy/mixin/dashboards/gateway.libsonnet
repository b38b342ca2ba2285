// What users see: whole answers or parts of them, and how the gateway gets along with the services behind it.
function(config)
  local p = (import '../lib/panels.libsonnet')(config);
  local gateway = 'grpc_service="%s"' % config.gateway;
  local total(family, more='') = 'sum(rate(%s[$__rate_interval]))' % p.of(family, more);
  p.board('gateway', 'Gateway', 'Answers, the services behind them, and what is remembered.', [
    {
      title: 'Answers',
      panels: [
        p.timeseries('Calls by method', 'reqps', 'That ended.', { '{{grpc_method}}': p.rate('grpc_server_handled_total', 'grpc_method', gateway) }, stack=true),
        p.timeseries('Calls that did not end well', 'reqps', 'By code, the six that are most.', { '{{grpc_code}}': 'topk(6, %s)' % p.rate('grpc_server_handled_total', 'grpc_code', gateway + ', grpc_code!="OK"') }, stack=true, link=p.runbook('OrewatchGatewayErrorBudgetBurn')),
        p.timeseries('Latency', 's', 'Of unary calls. The line is the objective, which 99 of 100 should keep.', { p50: p.quantile('0.5', 'grpc_server_handling_seconds', '', gateway), p90: p.quantile('0.9', 'grpc_server_handling_seconds', '', gateway), p99: p.quantile('0.99', 'grpc_server_handling_seconds', '', gateway) }, lines=[[p.number(config.bounds.read), 'yellow']], link=p.runbook('OrewatchGatewayLatencyBudgetBurn')),
        p.timeseries('Whole answers', 'percentunit', 'The share of answers that lack nothing; a gap where nobody asked.', { whole: '1 - clamp_max(%s, 1)' % p.share(total('orewatch_gateway_partial_responses_total', 'cause!~"%s"' % config.excused), total('orewatch_gateway_aggregated_responses_total')) }, max=1, link=p.runbook('OrewatchGatewayCompletenessBudgetBurn')),
        p.timeseries('Missing sections by cause', 'cps', 'What a caller may not see is `denied`.', { '{{cause}}': p.rate('orewatch_gateway_partial_responses_total', 'cause') }, stack=true, link=p.runbook('OrewatchGatewayDegraded')),
        p.timeseries('Missing sections', 'cps', 'The eight that are missing most.', { '{{section}}': 'topk(8, %s)' % p.rate('orewatch_gateway_partial_responses_total', 'section') }, stack=true, link=p.runbook('OrewatchGatewayDegraded')),
        p.timeseries('Sections told from memory', 'cps', 'Because the service could not be asked.', { '{{section}}': 'topk(8, %s)' % p.rate('orewatch_gateway_stale_sections_total', 'section') }, stack=true, link=p.runbook('OrewatchGatewayDegraded')),
        p.timeseries('Refused', 'reqps', "By reason; `rate` is the caller's own quota.", { '{{reason}}': 'sum by (reason) (rate(%s[$__rate_interval]) and on (job, instance) %s)' % [p.of('orewatch_grpc_rejected_total'), p.of('orewatch_gateway_aggregated_responses_total')] }, stack=true, link=p.runbook('OrewatchLoadShedding')),
        p.timeseries('Feeds', 'short', 'Streams of WatchFeed that are open.', { feeds: 'sum(%s) - sum(%s)' % [p.of('grpc_server_started_total', gateway + ', grpc_method="WatchFeed"'), p.of('grpc_server_handled_total', gateway + ', grpc_method="WatchFeed"')] }),
      ],
    },
    {
      title: 'Services behind it',
      panels: [
        p.timeseries('Breakers', 'short', '0 closed, 1 half open, 2 open.', { '{{backend}}': p.max('orewatch_gateway_breaker_state', 'backend') }, width=6, max=2, link=p.runbook('OrewatchGatewayDegraded')),
        p.timeseries('Breakers that opened, reads not sent', 'cps', 'By backend.', { '{{backend}} opened': p.rate('orewatch_gateway_breaker_opens_total', 'backend'), '{{backend}} not sent': p.rate('orewatch_gateway_breaker_refused_total', 'backend') }, width=6, link=p.runbook('OrewatchGatewayDegraded')),
        p.timeseries('Repeated reads', 'cps', 'Spent: they were repeated. Denied: for want of budget they were not.', { '{{backend}} {{outcome}}': p.rate('orewatch_gateway_retries_total', 'backend, outcome') }, width=6, link=p.runbook('OrewatchBackendSlow')),
        p.timeseries('Budget for repetitions', 'percentunit', 'What is left of it.', { '{{backend}}': p.min('orewatch_gateway_retry_budget_ratio', 'backend') }, width=6, link=p.runbook('OrewatchBackendSlow')),
      ],
    },
    {
      title: 'Memory',
      panels: [
        p.timeseries('Reads answered from memory', 'percentunit', 'By the service that was not asked; a gap where nothing was to be read.', { '{{backend}}': p.share(p.rate('orewatch_gateway_cache_requests_total', 'backend', 'result="hit"'), p.rate('orewatch_gateway_cache_requests_total', 'backend', 'result=~"hit|miss"')) }, max=1, width=6),
        p.timeseries('Reads shared', 'cps', 'Answered by the same read of another call.', { '{{backend}}': p.rate('orewatch_gateway_coalesced_total', 'backend') }, width=6),
        p.timeseries('Held', 'bytes', 'By cache.', { '{{cache}}': p.max('orewatch_gateway_cache_bytes', 'cache') }, width=6),
        p.timeseries('Gone to make room', 'cps', 'Entries, by cache.', { '{{cache}}': p.rate('orewatch_gateway_cache_evictions_total', 'cache') }, width=6),
      ],
    },
    {
      // Its own metrics, which have none of our labels.
      title: 'The edge',
      panels: [
        p.timeseries('HTTP requests', 'reqps', 'That Envoy answered, by class of code.', { '{{envoy_response_code_class}}xx': 'sum by (envoy_response_code_class) (rate(envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix="edge"}[$__rate_interval]))' }, width=12, stack=true),
        p.timeseries('HTTP latency, 99th percentile', 's', 'As its callers see it.', { p99: 'histogram_quantile(0.99, sum by (le) (rate(envoy_http_downstream_rq_time_bucket{envoy_http_conn_manager_prefix="edge"}[$__rate_interval]))) / 1000' }, width=12),
      ],
    },
  ])
