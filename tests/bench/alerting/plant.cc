#include "tests/bench/alerting/plant.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/support/die.h"

namespace orewatch::bench {
namespace {

using alerting::Rule;

constexpr int kMethod = 1;
constexpr int kStage = 3;
constexpr double kCalm = 1000;
constexpr double kHigh = 9000;

void Check(const absl::Status& status) {
  if (!status.ok()) {
    Die(status.ToString());
  }
}

alerting::Condition ConditionOf(int rule) {
  constexpr int kKinds = 10;
  switch (rule % kKinds) {
    case kKinds - 1:
      return alerting::BandChange{.window = absl::Hours(24)};
    case kKinds - 2:
      return alerting::Change{.raise = kHigh, .clear = kHigh - 1, .window = absl::Hours(24 * 7)};
    default:
      // Each its own, so that nothing can be said of several at once.
      return alerting::Threshold{.raise = kHigh - rule, .clear = kHigh - rule - 1};
  }
}

Rule MakeRule(int number) {
  Rule rule;
  rule.id = absl::StrCat("rule-", number);
  rule.target.method = kMethod;
  rule.condition = ConditionOf(number);
  constexpr int kKinds = 10;
  const bool waits = number % kKinds == 6 || number % kKinds == 7;
  rule.hold = waits ? absl::Minutes(5) : absl::ZeroDuration();
  rule.severity = alerting::Severity::kWarning;
  rule.reason = "a benchmark";
  // Each alert is told by itself, and none is damped.
  rule.digest_above = 0;
  rule.flapping.transitions = 0;
  return rule;
}

}  // namespace

Plant::Plant(const Size& size, const Clock& clock, std::vector<alerting::DeliveryTarget> targets)
    : size_(size), clock_(clock), targets_(std::move(targets)) {
  Reopen();
  AddRules();
}

void Plant::AddRules() {
  for (int i = 0; i < size_.rules; ++i) {
    Check(engine_->CreateRule(MakeRule(i), std::nullopt, /*validate_only=*/false).status());
  }
}

void Plant::Reopen() {
  engine_.reset();
  store_.reset();
  auto store = alerting::SqliteAlertStore::Open(dir_ / "alerting.db");
  Check(store.status());
  store_ = *std::move(store);
  auto engine =
      alerting::AlertEngine::Open({.store = *store_, .clock = clock_, .metrics = metrics_, .targets = targets_});
  Check(engine.status());
  engine_ = *std::move(engine);
}

alerting::ScoreValue Plant::ScoreOf(int subject, double value) const {
  alerting::ScoreValue score;
  score.key = {
      .subject = absl::StrCat("minerals/subject-", subject), .stage = kStage, .importer = "", .method = kMethod};
  score.value = value;
  score.certainty = {.lower = value * 0.9, .upper = value * 1.1, .completeness = 2, .reasons = {"WITHHELD:US"}};
  score.band = 3;
  score.cause = 1;
  score.top_country = "CN";
  return score;
}

alerting::ScoreBatch Plant::NextBatch() {
  alerting::ScoreBatch batch;
  batch.revision = {.lineage = "bench", .number = ++revision_};
  batch.commit_time = clock_.Now();
  return batch;
}

alerting::ScoreBatch Plant::AllScores() {
  alerting::ScoreBatch batch = NextBatch();
  batch.complete = true;
  // Six rules of ten fire for each of these at once, two more later.
  const int high = size_.firing * 10 / (6 * size_.rules);
  for (int i = 0; i < size_.subjects; ++i) {
    batch.scores.push_back(ScoreOf(i, i < high ? kHigh : kCalm + i % 1000));
  }
  return batch;
}

alerting::ScoreBatch Plant::OneScore() {
  alerting::ScoreBatch batch = NextBatch();
  const int subject = size_.subjects / 2 + next_ % (size_.subjects / 2);
  constexpr int kStride = 7919;
  next_ += kStride;
  batch.scores = {ScoreOf(subject, kCalm + static_cast<double>(revision_ % 1000) / 7)};
  batch.scores.front().revision = revision_;
  return batch;
}

alerting::ScoreBatch Plant::Peak(int subject) {
  alerting::ScoreBatch batch = NextBatch();
  batch.scores = {ScoreOf(subject, kHigh - FirstToFire())};
  return batch;
}

std::string Plant::PeakAlert(int subject) const {
  alerting::Alert alert;
  alert.key = {.rule = absl::StrCat("rule-", FirstToFire()), .score = ScoreOf(subject, kHigh).key};
  return alert.Id();
}

void Plant::Apply(const alerting::ScoreBatch& batch) { Check(engine_->ApplyScores(batch)); }

int64_t Plant::CountFiring() {
  alerting::Position position;
  int64_t count = 0;
  engine_->view().ForEachAnnounced(absl::InfiniteFuture(), "", position,
                                   [&](const auto&, const auto*, int64_t) { ++count; });
  return count;
}

}  // namespace orewatch::bench
