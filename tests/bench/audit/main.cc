// audit_bench: what it costs that changes are kept in an audit log, and that callers have allowances, as ratios of one
// run.
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/testing/temp_dir.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "tests/bench/support/load.h"
#include "tests/bench/support/rounds.h"
#include "tests/bench/support/runner.h"
#include "tests/testing/service_process.h"

namespace orewatch::bench {
namespace {

// A registry on SQLite, with further flags.
class Registry {
 public:
  explicit Registry(const std::vector<std::string>& flags = {})
      : process_("orewatch-registry", dir_ / "log", With(flags)), channel_(ConnectTo(process_.address())) {}

  Load Creates() {
    return {channel_, "/orewatch.registry.v1.Registry/CreateMineral", [this] {
              registry::v1::CreateMineralRequest request;
              request.set_mineral_id(absl::StrCat("m", next_.fetch_add(1)));
              request.mutable_mineral()->mutable_provenance()->set_source("a benchmark");
              return BytesOf(request);
            }};
  }
  Load Heads() const {
    return {channel_, "/orewatch.registry.v1.Registry/GetHead", [] { return BytesOf(registry::v1::GetHeadRequest()); }};
  }

 private:
  std::vector<std::string> With(std::vector<std::string> flags) const {
    for (std::string& flag : flags) {
      flag = absl::StrReplaceAll(flag, {{"{dir}", dir_.path()}});
    }
    flags.push_back(absl::StrCat("--data_dir=", dir_.path()));
    return flags;
  }

  testing::TempDir dir_;
  testing::ServiceProcess process_;
  std::shared_ptr<grpc::Channel> channel_;
  std::atomic<int64_t> next_{0};
};

std::vector<Figure> MeasureWrites(const Effort& effort) {
  Registry plain;
  Registry audited({"--audit_log={dir}/audit.log"});
  std::vector<Figure> figures;
  for (const int callers : {1, 16, 64}) {
    const Pair rates = MiddleOf(
        effort.rounds, [&] { return CallsPerSecond(audited.Creates(), callers, effort.span); },
        [&] { return CallsPerSecond(plain.Creates(), callers, effort.span); });
    figures.push_back({absl::StrCat("durable creates with an audit log, ", callers, " at once"), "creates/s",
                       rates.subject, "without", rates.baseline});
  }
  return figures;
}

// The cheapest call that there is shows best what is added to each.
std::vector<Figure> MeasureAllowance(const Effort& effort) {
  constexpr int kCallers = 64;
  const Registry plain;
  const Registry limited({"--rate_limit_cost_per_second=1000000"});
  const Pair rates = MiddleOf(
      effort.rounds, [&] { return CallsPerSecond(limited.Heads(), kCallers, effort.span); },
      [&] { return CallsPerSecond(plain.Heads(), kCallers, effort.span); });
  return {{"GetHead with allowances", "calls/s", rates.subject, "without", rates.baseline}};
}

}  // namespace
}  // namespace orewatch::bench

int main(int argc, char** argv) {
  return orewatch::bench::RunBench(
      argc, argv, "Measures what audit logs and allowances cost; docs/audit.md has a table.",
      {{"writes", &orewatch::bench::MeasureWrites}, {"allowance", &orewatch::bench::MeasureAllowance}});
}
