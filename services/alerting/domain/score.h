// What alerting knows of a score.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace orewatch::alerting {

// Numbers of orewatch.risk.v1.Method that a rule must know apart.
inline constexpr int kEuSupplyRisk2017 = 3;
inline constexpr int kCountryGovernance = 4;
inline constexpr int kHhiNormalized = 5;
inline constexpr int kHhiGovernanceExports = 6;
inline constexpr int kOrewatchSupplier2026 = 13;
inline constexpr int kGeoPolRisk2024 = 7;
inline constexpr int kUsgs2020 = 8;
inline constexpr int kStockCover = 10;
inline constexpr int kOrewatch2026 = 11;
inline constexpr int kHhiOwnership = 12;
inline constexpr int kEuEconomicImportance2017 = 14;

// What a score is about; as the target of a rule, an empty field matches all.
struct ScoreKey {
  // Name of a mineral or country.
  std::string subject;
  // Number of orewatch.type.v1.Stage; 0: none.
  int stage = 0;
  // Name of a country or bloc; empty: none.
  std::string importer;
  // Number of orewatch.risk.v1.Method.
  int method = 0;

  friend auto operator<=>(const ScoreKey&, const ScoreKey&) = default;
  template <typename H>
  friend H AbslHashValue(H hash, const ScoreKey& key) {
    return H::combine(std::move(hash), key.subject, key.stage, key.importer, key.method);
  }
};

// Of what is no score: its subject alone. The first of the keys of a subject.
inline ScoreKey SubjectKey(std::string subject) {
  return {.subject = std::move(subject), .stage = 0, .importer = "", .method = 0};
}

// A point in the registry's history.
struct Revision {
  std::string lineage;
  int64_t number = 0;

  friend bool operator==(const Revision&, const Revision&) = default;
};

// How far a value can be trusted.
struct Certainty {
  // Unset: not known.
  std::optional<double> lower = std::nullopt;
  std::optional<double> upper = std::nullopt;
  // Number of orewatch.type.v1.Completeness.State; 0: not known.
  int completeness = 0;
  // What was missing, such as `WITHHELD:US`.
  std::vector<std::string> reasons = {};

  friend bool operator==(const Certainty&, const Certainty&) = default;
};

// What a condition can compare of a score at some time.
struct ScoreState {
  std::optional<double> value = std::nullopt;
  std::optional<double> lower = std::nullopt;
  std::optional<double> upper = std::nullopt;
  // Number of orewatch.risk.v1.Band; 0: not known.
  int band = 0;

  friend bool operator==(const ScoreState&, const ScoreState&) = default;
};

// A state that a score was in from one tick of the grid on, until the next began.
struct PastState {
  int64_t since = 0;
  ScoreState state;

  friend bool operator==(const PastState&, const PastState&) = default;
};

struct ScoreValue {
  ScoreKey key;
  // Unset: no value could be computed. That is unknown, never "safe".
  std::optional<double> value = std::nullopt;
  Certainty certainty = {};
  // Number of the revision of the last change that reached the score.
  int64_t revision = 0;
  // Number of orewatch.risk.v1.Band; 0: not known.
  int band = 0;
  // Number of orewatch.risk.v1.ChangeCause of the last change; 0: not known.
  int cause = 0;
  // Alpha-2 of the country with the largest share; empty: none is named.
  std::string top_country = {};

  // The rest is what alerting remembers. The first tick at which the state stood ...
  int64_t since = 0;
  // ... and the states before, oldest first, as far back as some rule looks.
  std::vector<PastState> past = {};
  // When the score was first seen, in Unix nanoseconds.
  int64_t first_seen = 0;

  ScoreState State() const {
    return {.value = value, .lower = certainty.lower, .upper = certainty.upper, .band = band};
  }
  // At a tick; before the first that is remembered: the first.
  ScoreState StateAt(int64_t tick) const;

  friend bool operator==(const ScoreValue&, const ScoreValue&) = default;
};

// Makes `score`, just received, the next state of what was stored under its key (null: nothing), as of `time`. States
// further back than `window` ticks are forgotten.
void Succeed(const ScoreValue* stored, absl::Time time, int64_t window, ScoreValue& score);

}  // namespace orewatch::alerting
