#include "tests/bench/support/metric.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/bench/support/die.h"

namespace orewatch::bench {

double MetricOf(const testing::ServiceProcess& process, const std::string& name) {
  // Kept while its lines are looked at.
  const std::string page = process.AdminPage("/metrics").value_or("");
  for (const auto line : absl::StrSplit(page, '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    double value = 0;
    if (words.size() == 2 && words[0] == name && absl::SimpleAtod(words[1], &value)) {
      return value;
    }
  }
  Die(absl::StrCat("no metric ", name));
}

}  // namespace orewatch::bench
