// An alert with the annotations that every one of them has.
function(config) {
  local time = (import 'time.libsonnet').new(config.time_scale),

  // `hold`: how long the expression must hold; none: it fires at once. `dashboard`: where to look first.
  new(name, severity, expr, summary, description, dashboard, hold=null, labels={}):: {
    alert: name,
    // The line at its end makes it a block of YAML, without quotes.
    expr: expr + '\n',
    labels: { severity: severity } + labels,
    annotations: {
      summary: summary,
      description: description,
      runbook_url: config.runbooks % name,
      dashboard_url: config.dashboards % dashboard,
    },
    [if hold != null then 'for']: time.duration(hold),
  },
}
