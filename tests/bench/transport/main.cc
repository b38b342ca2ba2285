// transport_bench: what TLS and mutual TLS cost, against the same calls without them.
#include <vector>

#include "absl/time/clock.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "tests/bench/support/die.h"
#include "tests/bench/support/load.h"
#include "tests/bench/support/rounds.h"
#include "tests/bench/support/runner.h"
#include "tests/bench/transport/subject.h"

namespace orewatch::bench {
namespace {

constexpr char kGetHead[] = "/orewatch.registry.v1.Registry/GetHead";

struct Named {
  Protection protection;
  const char* name;
};
constexpr Named kProtected[] = {{Protection::kTls, "TLS"}, {Protection::kMutualTls, "mutual TLS"}};

Load LoadOn(const std::shared_ptr<grpc::Channel>& channel) {
  return {channel, kGetHead, [] { return BytesOf(registry::v1::GetHeadRequest()); }};
}

std::vector<Figure> MeasureCalls(const Effort& effort) {
  constexpr int kInFlight = 32;
  const Subject plain(Protection::kNone);
  const Load plain_load = LoadOn(plain.NewChannel());
  std::vector<Figure> figures;
  for (const auto& [protection, name] : kProtected) {
    const Subject subject(protection);
    const Load load = LoadOn(subject.NewChannel());
    const Pair pair = MiddleOf(
        effort.rounds, [&] { return CallsPerSecond(load, kInFlight, effort.span); },
        [&] { return CallsPerSecond(plain_load, kInFlight, effort.span); });
    figures.push_back({std::string("calls over ") + name, "calls/s", pair.subject, "without", pair.baseline});
  }
  return figures;
}

// One after the other, as a program does that is started for one call.
double ConnectionsPerSecond(const Subject& subject, absl::Duration span) {
  constexpr absl::Duration kPatience = absl::Seconds(10);
  const absl::Time start = absl::Now();
  int made = 0;
  for (; absl::Now() < start + span; ++made) {
    if (!subject.NewChannel()->WaitForConnected(absl::ToChronoTime(absl::Now() + kPatience))) {
      Die("cannot connect");
    }
  }
  return made / SecondsSince(start);
}

std::vector<Figure> MeasureConnections(const Effort& effort) {
  const Subject plain(Protection::kNone);
  std::vector<Figure> figures;
  for (const auto& [protection, name] : kProtected) {
    const Subject subject(protection);
    const Pair pair = MiddleOf(
        effort.rounds, [&] { return ConnectionsPerSecond(subject, effort.span); },
        [&] { return ConnectionsPerSecond(plain, effort.span); });
    figures.push_back(
        {std::string("new connections over ") + name, "connections/s", pair.subject, "without", pair.baseline});
  }
  return figures;
}

}  // namespace
}  // namespace orewatch::bench

int main(int argc, char** argv) {
  using namespace orewatch::bench;
  return RunBench(argc, argv, "Measures TLS; docs/performance.md explains the table.",
                  {{"calls", MeasureCalls}, {"connections", MeasureConnections}});
}
