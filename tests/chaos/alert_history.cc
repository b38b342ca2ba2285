#include "tests/chaos/alert_history.h"

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace orewatch::testing {
namespace {

using alerting::Direction;
using alerting::Measure;
using alerting::Rule;
using alerting::ScoreKey;
using alerting::ScoreValue;
using alerting::Severity;

constexpr int kSteps = 120;
constexpr int kRules = 5;
constexpr int kMinerals = 3;
constexpr int kCountries = 2;
constexpr int kMethodOfMinerals = 1;

int Number(int least, int most, Random& random) { return static_cast<int>(Between(least, most, random)); }

absl::Duration Minutes(int least, int most, Random& random) { return absl::Minutes(Between(least, most, random)); }

// Not at all, or for some minutes.
absl::Duration PerhapsMinutes(int most, Random& random) {
  return OneIn(2, random) ? absl::ZeroDuration() : Minutes(1, most, random) - absl::Seconds(Between(0, 59, random));
}

// Passes all keys whose subject does not end in a digit.
class NotEndingIn final : public alerting::KeyFilter::Test {
 public:
  explicit NotEndingIn(std::string end) : end_(std::move(end)) {}
  bool Passes(const ScoreKey& key) const override { return !absl::EndsWith(key.subject, end_); }

 private:
  const std::string end_;
};

alerting::KeyFilter RandomFilter(Random& random) {
  if (!OneIn(4, random)) {
    return {};
  }
  const std::string end = absl::StrCat(Between(0, kMinerals - 1, random));
  return {end, ScoreKey(), std::make_shared<NotEndingIn>(end)};
}

alerting::Condition RandomCondition(Random& random) {
  const auto measure = static_cast<Measure>(Between(1, 3, random));
  const double clear = Number(1, 6, random);
  switch (Between(0, 7, random)) {
    case 0:
      return alerting::Threshold{.raise = 4, .clear = 4 + clear, .measured_by = measure, .direction = Direction::kDown};
    case 1:
      return alerting::Change{.raise = clear + 1,
                              .clear = clear,
                              .window = Minutes(1, 10, random),
                              .relative = false,
                              .direction = static_cast<Direction>(Between(1, 3, random)),
                              .measured_by = measure};
    case 2:
      return alerting::Change{.raise = 0.5,
                              .clear = 0.25,
                              .window = Minutes(1, 10, random),
                              .relative = true,
                              .direction = static_cast<Direction>(Between(1, 3, random))};
    case 3:
      return alerting::BandChange{.window = Minutes(1, 10, random),
                                  .direction = static_cast<Direction>(Between(1, 3, random)),
                                  .at_least = Number(0, 4, random)};
    case 4:
      return alerting::MissingInput{.worse_than = Number(1, 2, random)};
    case 5:
      return alerting::SilentInput{.longer_than = Minutes(1, 8, random)};
    default:
      return alerting::Threshold{.raise = 7, .clear = 7 - clear, .measured_by = measure};
  }
}

std::vector<alerting::Level> RandomLevels(const alerting::Condition& condition, Random& random) {
  const auto* threshold = std::get_if<alerting::Threshold>(&condition);
  if (threshold == nullptr || OneIn(2, random)) {
    return {};
  }
  const double sign = threshold->direction == Direction::kDown ? -1 : 1;
  return {
      {.severity = Severity::kWarning, .raise = threshold->raise + sign * 2, .clear = threshold->raise + sign},
      {.severity = Severity::kCritical, .raise = threshold->raise + sign * 4, .clear = threshold->raise + sign * 2}};
}

std::string RuleId(int64_t number) { return absl::StrCat("rule-", number); }

// A rule is muted by rules before it alone, so that there is no circle.
std::vector<std::string> RandomInhibitors(int rule, Random& random) {
  std::vector<std::string> ids;
  for (int other = 0; other < rule; ++other) {
    if (OneIn(3, random)) {
      ids.push_back(RuleId(other));
    }
  }
  return ids;
}

Rule RandomRule(Random& random) {
  const int number = Number(0, kRules - 1, random);
  Rule rule;
  rule.id = RuleId(number);
  rule.condition = RandomCondition(random);
  rule.severity = Severity::kInfo;
  rule.levels = RandomLevels(rule.condition, random);
  rule.inhibited_by = RandomInhibitors(number, random);
  rule.disabled = OneIn(10, random);
  rule.flapping = {.transitions = OneIn(3, random) ? 0 : Number(2, 5, random), .window = Minutes(2, 15, random)};
  if (IsSilence(rule.condition)) {
    return rule;
  }
  rule.target.method = OneIn(3, random) ? alerting::kCountryGovernance : kMethodOfMinerals;
  rule.filter = RandomFilter(random);
  if (OneIn(4, random)) {
    rule.m_of_n.n = Number(2, 6, random);
    rule.m_of_n.m = Number(2, rule.m_of_n.n, random);
  } else {
    rule.hold = PerhapsMinutes(4, random);
  }
  rule.keep_firing = PerhapsMinutes(4, random);
  for (const int cause : {1, 2, 4}) {
    if (OneIn(3, random)) {
      rule.causes.push_back(cause);
    }
  }
  rule.no_data = static_cast<alerting::NoDataPolicy>(Between(1, 3, random));
  rule.max_alerts = OneIn(2, random) ? Number(1, 2, random) : 0;
  rule.new_subject_grace = PerhapsMinutes(6, random);
  rule.digest_above = Number(0, 3, random);
  return rule;
}

ScoreKey RandomKey(Random& random) {
  if (OneIn(3, random)) {
    return {.subject = absl::StrCat("countries/C", Between(0, kCountries - 1, random)),
            .stage = 0,
            .importer = "",
            .method = alerting::kCountryGovernance};
  }
  return {.subject = absl::StrCat("minerals/m", Between(0, kMinerals - 1, random)),
          .stage = 1,
          .importer = "",
          .method = kMethodOfMinerals};
}

// Around the thresholds, and exactly on them.
std::optional<double> RandomNumber(Random& random) {
  return OneIn(8, random) ? std::nullopt : std::optional<double>(Number(0, 12, random));
}

ScoreValue RandomScore(ScoreKey key, int64_t revision, Random& random) {
  ScoreValue score{.key = std::move(key), .value = RandomNumber(random), .revision = revision};
  score.certainty.lower = RandomNumber(random);
  score.certainty.upper = RandomNumber(random);
  score.certainty.completeness = Number(1, 3, random);
  score.band = Number(0, 5, random);
  score.cause = Number(0, 5, random);
  score.top_country = OneIn(3, random) ? "" : absl::StrCat("C", Between(0, kCountries - 1, random));
  return score;
}

Scores RandomScores(absl::Time now, int64_t revision, Random& random) {
  Scores scores;
  scores.batch.revision = {.lineage = "l", .number = revision};
  scores.batch.complete = OneIn(10, random);
  scores.batch.commit_time = OneIn(4, random) ? absl::InfiniteFuture() : now - absl::Seconds(Between(0, 90, random));
  std::set<ScoreKey> keys;
  for (int64_t left = Between(0, 4, random); left > 0; --left) {
    keys.insert(RandomKey(random));
  }
  for (const ScoreKey& key : keys) {
    if (!scores.batch.complete && OneIn(12, random)) {
      scores.batch.removed.push_back(key);
    } else {
      scores.batch.scores.push_back(RandomScore(key, revision, random));
    }
  }
  return scores;
}

// Mostly onwards, within a minute; sometimes far ahead, sometimes back.
absl::Duration RandomLapse(Random& random) {
  if (OneIn(40, random)) {
    return absl::Minutes(Between(5, 120, random));
  }
  return OneIn(40, random) ? -absl::Minutes(Between(1, 10, random)) : absl::Seconds(Between(0, 70, random));
}

}  // namespace

AlertHistory RandomAlertHistory(Random& random) {
  AlertHistory history;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  int64_t revision = 0;
  const auto add = [&](auto what) { history.push_back({.now = now, .what = std::move(what)}); };
  for (int i = 0; i < kRules; ++i) {
    add(PutRule{RandomRule(random)});
  }
  for (int i = 0; i < kSteps; ++i) {
    now += RandomLapse(random);
    const int64_t kind = Between(0, 99, random);
    if (kind < 45) {
      add(Tick());
    } else if (kind < 83) {
      // Now and then a message comes twice, or late.
      revision += OneIn(10, random) ? Between(-1, 0, random) : 1;
      add(RandomScores(now, revision, random));
    } else if (kind < 91) {
      add(PutRule{RandomRule(random)});
    } else if (kind < 93) {
      add(DeleteRule{RuleId(Between(0, kRules - 1, random))});
    } else if (kind < 97) {
      add(LoseInput());
    } else {
      add(Restart());
    }
  }
  return history;
}

}  // namespace orewatch::testing
