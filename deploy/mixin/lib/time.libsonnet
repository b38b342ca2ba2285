// Durations as they are written ('5m', '1d'), divided by a scale.
{
  local units = { s: 1, m: 60, h: 3600, d: 86400 },

  seconds(text):: std.parseJson(text[:std.length(text) - 1]) * units[text[std.length(text) - 1]],

  local write(ms) =
    local fits = [unit for unit in ['d', 'h', 'm', 's'] if ms % (units[unit] * 1000) == 0];
    if std.length(fits) > 0 then '%d%s' % [ms / units[fits[0]] / 1000, fits[0]] else '%dms' % ms,

  new(scale):: {
    local scaled(text, least_ms) = if scale == 1 then text else write(std.max(least_ms, std.floor($.seconds(text) * 1000 / scale + 0.5))),

    // How long something holds, as a duration of PromQL: a millisecond at least.
    duration(text):: scaled(text, 1),
    // What a query looks back over. What scrapes and services do takes as long as ever, such as the pauses of up to 2 s between two attempts to connect, and a
    // window in which none of it fits would tell of nothing.
    window(text):: scaled(text, 4000),
    // How often something is computed: not so often that Prometheus does nothing else.
    interval(text):: scaled(text, 500),
    // As a number of seconds.
    seconds(text)::
      local value = $.seconds(text) / scale;
      // Not as 0.050000000000000003; but whole numbers, which are most, take no formatting, which is slow.
      if value == std.floor(value) then '' + value else '%.10g' % value,
  },
}
