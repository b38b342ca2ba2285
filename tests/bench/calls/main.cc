// call_bench: what it costs that calls are traced, and that they get a line in the log, in processor time of the same
// run.
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "tests/bench/calls/served.h"
#include "tests/bench/calls/servers.h"
#include "tests/bench/support/rounds.h"
#include "tests/bench/support/runner.h"

namespace orewatch::bench {
namespace {

constexpr char kUnit[] = "us/call";
// Of the processor time of the least call there can be.
constexpr double kMostOfTracing = 1.05;

Figure Compare(const Effort& effort, const std::string& name, const Served& subject, const std::string& baseline_name,
               const Served& baseline) {
  const Pair pair = MiddleOf(
      effort.rounds, [&] { return subject.ProcessorTime(effort.span); },
      [&] { return baseline.ProcessorTime(effort.span); });
  return {name, kUnit, pair.subject, baseline_name, pair.baseline};
}

std::vector<Figure> MeasureTracing(const Effort& effort) {
  const Served bare({"serve", "bare"});
  const Served traced({"serve", "traced"});
  Figure server = Compare(effort, "a bare echo that traces", traced, "one that does not", bare);
  const auto telling = bare.NewChannel(/*tells_trace=*/true);
  const auto silent = bare.NewChannel(/*tells_trace=*/false);
  const Pair pair = MiddleOf(
      effort.rounds, [&] { return ProcessorTimeOfCaller(telling, effort.span); },
      [&] { return ProcessorTimeOfCaller(silent, effort.span); });
  Figure caller = {"a caller that tells its trace", kUnit, pair.subject, "one that does not", pair.baseline};
  server.at_most = caller.at_most = kMostOfTracing;
  return {server, caller};
}

std::vector<Figure> MeasureLog(const Effort& effort) {
  const Served none({"serve", "none"});
  const Served faults({"serve", "faults"});
  const Served all({"serve", "all"});
  Figure quiet = Compare(effort, "our server, --log_calls=faults", faults, "none", none);
  quiet.at_most = kMostOfTracing;
  return {quiet, Compare(effort, "our server, --log_calls=all", all, "none", none)};
}

std::vector<Figure> MeasureWhole(const Effort& effort) {
  const Served bare({"serve", "bare"});
  const Served ours({"serve", "faults"});
  return {Compare(effort, "our server, --log_calls=faults", ours, "a bare echo", bare)};
}

int ServeAs(const std::string& what, const std::string& port_text) {
  int port = 0;
  if (!absl::SimpleAtoi(port_text, &port)) {
    return 1;
  }
  if (what == "bare" || what == "traced") {
    return ServeBare(port, what == "traced");
  }
  return ServeOurs(port, what);
}

}  // namespace
}  // namespace orewatch::bench

int main(int argc, char** argv) {
  using namespace orewatch::bench;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "serve") {
    return ServeAs(arguments[1], arguments[2]);
  }
  return RunBench(argc, argv, "Measures tracing and the lines of calls; docs/performance.md explains the table.",
                  {{"tracing", MeasureTracing}, {"log", MeasureLog}, {"whole", MeasureWhole}});
}
