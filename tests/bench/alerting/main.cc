// alerting_bench: what alerting costs, and how much of what Alertmanager takes it pushes, as ratios of one run.
#include "absl/flags/flag.h"
#include "common/log/log.h"
#include "tests/bench/alerting/measures.h"
#include "tests/bench/support/die.h"

ABSL_FLAG(int, subjects, 0, "How many scores there are; 0: 100,000, or 1,000 if quick.");
ABSL_FLAG(int, rules, 0, "How many rules look at each, in tens; 0: 100, or 20 if quick.");
ABSL_FLAG(int, firing, 0, "About how many alerts fire; 0: 5,000, or 100 if quick.");

namespace orewatch::bench {
namespace {

Size ChosenSize(const Effort& effort) {
  constexpr Size kFull = {.subjects = 100'000, .rules = 100, .firing = 5'000};
  constexpr Size kQuick = {.subjects = 1'000, .rules = 20, .firing = 100};
  Size size = effort.quick ? kQuick : kFull;
  size.subjects = absl::GetFlag(FLAGS_subjects) > 0 ? absl::GetFlag(FLAGS_subjects) : size.subjects;
  size.rules = absl::GetFlag(FLAGS_rules) > 0 ? absl::GetFlag(FLAGS_rules) : size.rules;
  size.firing = absl::GetFlag(FLAGS_firing) > 0 ? absl::GetFlag(FLAGS_firing) : size.firing;
  constexpr int kKinds = 10;
  if (size.rules % kKinds != 0 || size.subjects < kKinds) {
    Die("--rules takes a multiple of ten, and --subjects at least ten");
  }
  return size;
}

}  // namespace
}  // namespace orewatch::bench

int main(int argc, char** argv) {
  using namespace orewatch::bench;
  // A line for each change would be the terminal's time.
  orewatch::log::SetLevel(orewatch::log::Level::kWarning);
  return RunBench(argc, argv, "Measures alerting; docs/performance.md explains the table.",
                  {{"evaluation", [](const Effort& effort) { return MeasureEvaluation(effort, ChosenSize(effort)); }},
                   {"delivery", [](const Effort& effort) { return MeasureDelivery(effort, ChosenSize(effort)); }}});
}
