// Durations as they are written ('5m', '1d'), divided by a scale.
{
  // Not as 0.050000000000000003.
  number(value):: '%.10g' % value,

  // A table with its numbers as they are written in an expression.
  written(table):: std.mapWithKey(function(_, value) if std.isObject(value) then $.written(value) else if std.isNumber(value) then $.number(value) else value, table),

  local units = { s: 1, m: 60, h: 3600, d: 86400 },

  seconds(text):: std.parseJson(text[:std.length(text) - 1]) * units[text[std.length(text) - 1]],

  local write(ms) =
    local fits = [unit for unit in ['d', 'h', 'm', 's'] if ms % (units[unit] * 1000) == 0];
    if std.length(fits) > 0 then '%d%s' % [ms / units[fits[0]] / 1000, fits[0]] else '%dms' % ms,

  new(scale):: {
    written:: $.written,
    number:: $.number,
    // As a duration of PromQL; a window has a millisecond at least.
    duration(text):: if scale == 1 then text else write(std.max(1, std.floor($.seconds(text) * 1000 / scale + 0.5))),
    // How often something is computed: not so often that Prometheus does nothing else.
    interval(text):: if scale == 1 then text else write(std.max(500, std.floor($.seconds(text) * 1000 / scale + 0.5))),
    // As a number of seconds.
    seconds(text):: $.number($.seconds(text) / scale),
  },
}
