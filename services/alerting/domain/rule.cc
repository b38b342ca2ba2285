#include "services/alerting/domain/rule.h"

#include <algorithm>
#include <bit>
#include <type_traits>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/alerting/domain/fingerprint.h"
#include "services/alerting/domain/grid.h"

namespace orewatch::alerting {
namespace {

constexpr size_t kMaxRuleIdLength = 63;

bool IsIdCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return absl::ascii_islower(byte) || absl::ascii_isdigit(byte) || c == '-';
}

// Adds values of any of the kinds of which rules are made, each list with its length.
class RuleDigest {
 public:
  void operator()(absl::string_view text) { fingerprint_.Add(text); }
  void operator()(int64_t number) { fingerprint_.Add(number); }
  void operator()(int number) { fingerprint_.Add(number); }
  void operator()(double number) { fingerprint_.Add(absl::StrCat(absl::Hex(std::bit_cast<uint64_t>(number)))); }
  void operator()(absl::Duration duration) { fingerprint_.Add(absl::ToInt64Nanoseconds(duration)); }
  template <typename Enum>
  requires std::is_enum_v<Enum>
  void operator()(Enum value) { fingerprint_.Add(static_cast<int>(value)); }
  void operator()(const ScoreKey& key) { All(key.subject, key.stage, key.importer, key.method); }
  void operator()(const Threshold& it) { All(it.raise, it.clear, it.measured_by, it.direction); }
  void operator()(const Change& it) {
    All(it.raise, it.clear, it.window, int64_t{it.relative}, it.direction, it.measured_by);
  }
  void operator()(const BandChange& it) { All(it.window, it.direction, int64_t{it.at_least}); }
  void operator()(const MissingInput& it) { All(int64_t{it.worse_than}); }
  void operator()(const SilentInput& it) { All(it.longer_than); }
  void operator()(const Happening& it) {
    Each(it.states);
    Each(it.concerns);
    All(it.before, it.hold);
  }
  void operator()(const Part& part) {
    All(part.target, static_cast<int64_t>(part.condition.index()));
    std::visit(*this, part.condition);
  }
  void operator()(const Combination& it) {
    All(it.quantifier, it.collection);
    Each(it.parts);
  }
  void operator()(const Condition& condition) {
    (*this)(static_cast<int64_t>(condition.index()));
    std::visit(*this, condition);
  }
  void operator()(const Level& level) { All(level.severity, level.raise, level.clear); }
  void operator()(const std::pair<const std::string, std::string>& entry) { All(entry.first, entry.second); }
  template <typename List>
  void Each(const List& list) {
    (*this)(static_cast<int64_t>(list.size()));
    for (const auto& element : list) {
      (*this)(element);
    }
  }
  template <typename... Values>
  void All(const Values&... values) {
    ((*this)(values), ...);
  }
  std::string Hex() const { return fingerprint_.Hex(); }

 private:
  Fingerprint fingerprint_;
};

}  // namespace

int64_t Rule::HoldTicks() const { return TicksOf(hold); }
int64_t Rule::KeepFiringTicks() const { return TicksOf(keep_firing); }

bool Rule::Counts(int cause) const {
  return causes.empty() || cause == 0 || std::find(causes.begin(), causes.end(), cause) != causes.end();
}

bool IsValidRuleId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxRuleIdLength && id.front() != '-' &&
         std::all_of(id.begin(), id.end(), IsIdCharacter);
}

bool FieldsMatch(const ScoreKey& target, const ScoreKey& key) {
  return (target.method == 0 || target.method == key.method) && (target.stage == 0 || target.stage == key.stage) &&
         (target.subject.empty() || target.subject == key.subject) &&
         (target.importer.empty() || target.importer == key.importer);
}

bool Matches(const Rule& rule, const ScoreKey& key) {
  return !rule.disabled && IsOfScores(rule.condition) && FieldsMatch(rule.target, key) &&
         FieldsMatch(rule.filter.equalities(), key) && rule.filter.Passes(key);
}

bool Reads(const Rule& rule, const ScoreKey& key) {
  const auto* combination = std::get_if<Combination>(&rule.condition);
  if (combination == nullptr) {
    return Matches(rule, key);
  }
  return !rule.disabled && std::any_of(combination->parts.begin(), combination->parts.end(), [&](const Part& part) {
    return !std::holds_alternative<Happening>(part.condition) && FieldsMatch(part.target, key);
  });
}

std::string EtagOf(const Rule& rule) {
  RuleDigest digest;
  digest.All(rule.id, rule.display_name, rule.target, rule.filter.text(), rule.condition, rule.hold, rule.m_of_n.m,
             rule.m_of_n.n, rule.keep_firing, rule.severity, rule.no_data, rule.audience, rule.flapping.transitions,
             rule.flapping.window, rule.max_alerts, rule.new_subject_grace, rule.digest_above, rule.reason,
             int64_t{rule.disabled});
  digest.Each(rule.levels);
  digest.Each(rule.causes);
  digest.Each(rule.labels);
  digest.Each(rule.annotations);
  digest.Each(rule.inhibited_by);
  digest.All(rule.visibility.owner);
  digest.Each(rule.visibility.readers);
  return digest.Hex();
}

}  // namespace orewatch::alerting
