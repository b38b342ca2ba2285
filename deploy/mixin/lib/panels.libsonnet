// Panels of Grafana, of the few kinds that the dashboards use. Every one has a unit, a description and a link. Where nothing was observed there is
// nothing to see: no query makes a 0 of it.
function(config) {
  local lib = self,
  local datasource = { type: 'prometheus', uid: '${datasource}' },
  local time = (import 'time.libsonnet').new(config.time_scale),
  // `limits`: [from, colour]...; `base` is the colour below the first.
  local steps(limits, base) = {
    mode: 'absolute',
    steps: [{ color: base, value: null }] + [{ color: limit[1], value: limit[0] } for limit in limits],
  },
  // What nobody can call good or bad is blue.
  local judged(limits, base) =
    if limits == null then { color: { mode: 'fixed', fixedColor: 'blue' } } else { color: { mode: 'thresholds' }, thresholds: steps(limits, base) },
  // Nothing is known: neither good nor bad.
  local nothing = { type: 'special', options: { match: 'null+nan', result: { index: 0, text: 'No data', color: 'text' } } },
  local named(name, id, value) = { matcher: { id: 'byName', options: name }, properties: [{ id: id, value: value }] },

  // Numbers, of the texts of the configuration; and durations in seconds.
  number(text):: std.parseJson(text),
  seconds(text):: std.parseJson(time.seconds(text)),
  // Overrides by the names of series, for `more` of a panel: a colour, or limits of its own.
  coloured(colours):: [named(name, 'color', { mode: 'fixed', fixedColor: colours[name] }) for name in std.objectFields(colours)],
  limited(limits, base='text'):: [named(name, 'thresholds', steps(limits[name], base)) for name in std.objectFields(limits)],
  bands:: lib.coloured({ low: 'green', guarded: 'blue', elevated: 'yellow', high: 'orange', severe: 'red', unknown: 'text' }),
  // One that there is has a colour, none has none.
  severities:: lib.limited({ critical: [[1, 'red']], warning: [[1, 'orange']], info: [[1, 'blue']] }),

  // The series of the targets that the variables of the dashboard choose; `more` narrows them.
  local chosen = 'cluster=~"$cluster", namespace=~"$namespace", job=~"$job", pod=~"$pod"',
  // Other programs have metrics of processes too.
  of(family, more='')::
    local ours = if std.startsWith(family, 'process_') then ', ' + config.selector else '';
    family + '{' + chosen + ours + (if more == '' then '' else ', ' + more) + '}',
  rate(family, by, more=''):: 'sum by (' + by + ') (rate(' + lib.of(family, more) + '[$__rate_interval]))',
  max(family, by, more=''):: 'max by (' + by + ') (' + lib.of(family, more) + ')',
  min(family, by, more=''):: 'min by (' + by + ') (' + lib.of(family, more) + ')',
  sum(family, by, more=''):: 'sum by (' + by + ') (' + lib.of(family, more) + ')',
  // Where nothing was observed there is no quantile.
  quantile(q, family, by, more='')::
    'histogram_quantile(' + q + ', sum by (le' + (if by == '' then '' else ', ' + by) + ') (rate(' + lib.of(family + '_bucket', more) + '[$__rate_interval]))) >= 0',
  share(part, whole):: part + ' / (' + whole + ' > 0)',
  age(family, by, more=''):: 'time() - max by (' + by + ') (' + lib.of(family, more) + ' > 0)',

  runbook(alert):: { title: 'Runbook ' + alert, url: config.runbooks + alert + '.md', targetBlank: true },
  dashboard(name):: { title: 'Dashboard ' + name, url: '/d/orewatch-' + name + '?${__url_time_range}&${__all_variables}' },
  local metrics_page = { title: 'What the metrics mean', url: config.metrics_page, targetBlank: true },

  // `queries`: PromQL by the legend of its series.
  local panel(type, title, unit, description, queries, link, width, height, defaults={}, overrides=[], mappings=[]) = {
    type: type,
    title: title,
    description: description,
    datasource: datasource,
    links: [if link == null then metrics_page else link],
    gridPos: { w: width, h: height },
    fieldConfig: { defaults: { unit: unit, noValue: 'No data', mappings: [nothing] + mappings } + defaults, overrides: overrides },
    targets: [
      {
        datasource: datasource,
        refId: std.char(65 + query.index),
        expr: query.expr,
        legendFormat: query.legend,
      }
      for query in std.mapWithIndex(function(index, legend) { index: index, legend: legend, expr: queries[legend] }, std.objectFields(queries))
    ],
  },
  local instant(one) = one { targets: [target { instant: true, range: false } for target in one.targets] },

  // `lines`: [at, colour]... are drawn across, as limits are. A sample with nothing beside it is a point.
  timeseries(title, unit, description, queries, link=null, width=8, height=7, stack=false, max=null, min=0, lines=[], overrides=[]):: panel('timeseries', title, unit, description, queries, link, width, height, {
    [if min != null then 'min']: min,
    [if max != null then 'max']: max,
    color: { mode: 'palette-classic' },
    [if lines != [] then 'thresholds']: steps(lines, 'transparent'),
    custom: {
      lineWidth: 1,
      fillOpacity: if stack then 40 else 0,
      showPoints: 'auto',
      pointSize: 4,
      spanNulls: false,
      stacking: { mode: if stack then 'normal' else 'none', group: 'A' },
      thresholdsStyle: { mode: if lines == [] then 'off' else 'dashed' },
    },
  }, overrides) { options: { legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi', sort: 'desc' } } },

  // `limits`: [from, colour]..., below the first of which it has the colour `base`. Without limits a number is just that.
  stat(title, unit, description, queries, limits=null, base='green', link=null, width=4, height=5, decimals=null, overrides=[], mappings=[]):: instant(panel('stat', title, unit, description, queries, link, width, height, {
    [if decimals != null then 'decimals']: decimals,
  } + judged(limits, base), overrides, mappings)) { options: { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, colorMode: 'value', graphMode: 'none', textMode: 'auto', orientation: 'auto' } },

  bars(title, unit, description, queries, limits=null, base='green', link=null, width=8, height=7, max=null, overrides=[]):: instant(panel('bargauge', title, unit, description, queries, link, width, height, {
    min: 0,
    [if max != null then 'max']: max,
  } + judged(limits, base), overrides)) { options: { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, orientation: 'horizontal', displayMode: 'basic', showUnfilled: true } },

  // 1 is yes, and 0 is no.
  yes:: [{ type: 'value', options: { '0': { index: 1, text: 'no' }, '1': { index: 2, text: 'yes' } } }],

  // The labels of each series, and its value.
  table(title, unit, description, expr, link=null, width=8, height=7):: panel('table', title, unit, description, { '': expr }, link, width, height) {
    targets: [target { instant: true, range: false, format: 'table' } for target in super.targets],
    options: { showHeader: true, cellHeight: 'sm' },
    transformations: [{ id: 'organize', options: { excludeByName: { Time: true }, indexByName: {}, renameByName: {} } }],
  },

  // Rows of panels, from left to right and wrapped at 24 columns.
  local placed(panels, top) = std.foldl(function(state, one)
    local wraps = state.x + one.gridPos.w > 24;
    local x = if wraps then 0 else state.x;
    local y = if wraps then state.y + state.high else state.y;
    {
      x: x + one.gridPos.w,
      y: y,
      high: if wraps then one.gridPos.h else std.max(state.high, one.gridPos.h),
      panels: state.panels + [one { gridPos+: { x: x, y: y } }],
    }, panels, { x: 0, y: top, high: 0, panels: [] }),
  local laid(rows) = std.foldl(function(state, row)
    local head = { type: 'row', title: row.title, collapsed: false, panels: [], gridPos: { x: 0, y: state.y, w: 24, h: 1 } };
    local body = placed(row.panels, state.y + 1);
    { y: body.y + body.high, panels: state.panels + [head] + body.panels }, rows, { y: 0, panels: [] }).panels,

  local variable(name, of) = {
    name: name,
    label: name,
    type: 'query',
    datasource: datasource,
    query: { query: 'label_values(%s, %s)' % [of, name], refId: name },
    refresh: 2,
    includeAll: true,
    // Also where targets have no such label.
    allValue: '.*',
    multi: true,
    sort: 1,
    current: { selected: true, text: ['All'], value: ['$__all'] },
  },
  // With `at_value` the samples are the times of what happened, in milliseconds.
  local annotation(name, color, expr, title, text, at_value=false) = {
    name: name,
    datasource: datasource,
    enable: true,
    iconColor: color,
    target: { refId: 'Anno', expr: expr, interval: '30s' },
    titleFormat: title,
    textFormat: text,
    [if at_value then 'useValueForTime']: true,
  },

  board(name, title, description, rows):: {
    uid: 'orewatch-' + name,
    title: 'orewatch / ' + title,
    description: description,
    tags: ['orewatch'],
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    schemaVersion: 38,
    time: { from: 'now-6h', to: 'now' },
    timezone: 'utc',
    links: [{ title: 'orewatch', type: 'dashboards', tooltip: '', tags: ['orewatch'], asDropdown: true, includeVars: true, keepTime: true, icon: 'external link', targetBlank: false }],
    templating: {
      list: [
        { name: 'datasource', label: 'datasource', type: 'datasource', query: 'prometheus', refresh: 1, includeAll: false, multi: false },
        variable('cluster', 'orewatch_build_info'),
        variable('namespace', 'orewatch_build_info{cluster=~"$cluster"}'),
        variable('job', 'orewatch_build_info{cluster=~"$cluster", namespace=~"$namespace"}'),
        variable('pod', 'orewatch_build_info{cluster=~"$cluster", namespace=~"$namespace", job=~"$job"}'),
      ],
    },
    annotations: {
      list: [
        // By when it was, and not by a change: a new pod is a new series.
        annotation('Starts', 'blue', lib.of('process_start_time_seconds') + ' * 1000', '{{job}} started', '{{instance}} {{pod}}', at_value=true),
        annotation('Versions', 'purple', 'count by (job, version) (%s) unless count by (job, version) (%s offset 1m)' % [lib.of('orewatch_build_info'), lib.of('orewatch_build_info')], '{{job}} {{version}}', 'a version that did not run before'),
        annotation('Parameters', 'yellow', 'count by (parameter_set, hash) (%s) unless count by (parameter_set, hash) (%s offset 1m)' % [lib.of('orewatch_risk_parameters_info'), lib.of('orewatch_risk_parameters_info')], 'parameters {{parameter_set}}', '{{hash}}'),
        annotation('Pages', 'red', 'ALERTS{alertname=~"Orewatch.+", alertstate="firing", severity="critical"}', '{{alertname}}', '{{job}}{{slo}}'),
      ],
    },
    panels: [one { id: index + 1 } for row in [laid(rows)] for index in std.range(0, std.length(row) - 1) for one in [row[index]]],
  },
}
