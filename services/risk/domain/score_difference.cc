#include "services/risk/domain/score_difference.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace orewatch::risk {
namespace {

// The last: which of several that are alike.
using Identity = std::tuple<std::string, std::string, std::string, BasisNumber, std::string, int>;
constexpr size_t kOrdinal = 5;

std::map<Identity, const Input*> ByIdentity(const std::vector<Input>& inputs) {
  std::map<Identity, const Input*> found;
  for (const Input& input : inputs) {
    Identity identity{input.role, input.country, input.product, input.basis, input.scope, 0};
    while (!found.emplace(identity, &input).second) {
      ++std::get<kOrdinal>(identity);
    }
  }
  return found;
}

// As its source gives it. What is no quantity is its own figure.
bool SameFigure(const Input& a, const Input& b) {
  const bool quantity = a.basis != 0;
  return a.year == b.year && a.dataset == b.dataset &&
         (quantity ? a.figure.amount == b.figure.amount && a.figure.measure == b.figure.measure &&
                         a.figure.withheld == b.figure.withheld && a.figure.value_usd == b.figure.value_usd
                   : a.value == b.value);
}

std::optional<double> EffectOf(const Input* before, const Input* after) {
  const bool contributes =
      (before != nullptr && before->contribution.has_value()) || (after != nullptr && after->contribution.has_value());
  if (!contributes) {
    return std::nullopt;
  }
  const auto of = [](const Input* input) { return input == nullptr ? 0 : input->contribution.value_or(0); };
  return of(after) - of(before);
}

// Greater is more telling.
std::pair<bool, double> Importance(const InputDifference& difference) {
  constexpr double kNone = -1;
  return {difference.driver, difference.effect.has_value() ? std::abs(*difference.effect) : kNone};
}

}  // namespace

std::vector<InputDifference> DifferencesOf(const ScoreRecord& before, const ScoreRecord& after) {
  const auto were = ByIdentity(before.score.inputs);
  const auto are = ByIdentity(after.score.inputs);
  std::vector<InputDifference> differences;
  for (const auto& [identity, was] : were) {
    const auto found = are.find(identity);
    if (found == are.end()) {
      differences.push_back({was, nullptr, EffectOf(was, nullptr), true});
    } else if (!(*was == *found->second)) {
      differences.push_back({was, found->second, EffectOf(was, found->second), !SameFigure(*was, *found->second)});
    }
  }
  for (const auto& [identity, is] : are) {
    if (were.count(identity) == 0) {
      differences.push_back({nullptr, is, EffectOf(nullptr, is), true});
    }
  }
  std::stable_sort(differences.begin(), differences.end(),
                   [](const InputDifference& a, const InputDifference& b) { return Importance(a) > Importance(b); });
  return differences;
}

}  // namespace orewatch::risk
