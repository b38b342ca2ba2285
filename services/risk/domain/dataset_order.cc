#include "services/risk/domain/dataset_order.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace orewatch::risk {
namespace {

constexpr char kAnyEdition[] = "*";

// Where the first entry that names the dataset stands; the end if none does.
DatasetOrder::const_iterator EntryOf(const DatasetOrder& order, const std::string& dataset) {
  return std::find_if(order.begin(), order.end(),
                      [&](const std::string& entry) { return NamesDataset(entry, dataset); });
}

}  // namespace

bool NamesDataset(const std::string& entry, const std::string& dataset) {
  return absl::EndsWith(entry, kAnyEdition) ? absl::StartsWith(dataset, absl::StripSuffix(entry, kAnyEdition))
                                            : entry == dataset;
}

bool NamesDataset(const DatasetOrder& order, const std::string& dataset) {
  return EntryOf(order, dataset) != order.end();
}

bool IsPreferred(const DatasetOrder& order, const std::string& a, const std::string& b) {
  const auto entry_of_a = EntryOf(order, a);
  const auto entry_of_b = EntryOf(order, b);
  if (entry_of_a != entry_of_b) {
    return entry_of_a < entry_of_b;
  }
  return entry_of_a == order.end() ? a < b : a > b;
}

}  // namespace orewatch::risk
