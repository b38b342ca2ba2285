// A world with each kind of thing in it, and the steps that lead there, for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "services/alerting/domain/grid.h"
#include "services/alerting/domain/reconciler.h"

namespace orewatch::alerting {

inline const absl::Time kSampleTime = TimeOf(1000) + absl::Nanoseconds(123456789);

inline ScoreKey SampleKey(const std::string& subject) {
  return {.subject = subject, .stage = 3, .importer = "blocs/EU", .method = 3};
}

inline Rule SampleRule(const std::string& id, int hold_minutes = 0) {
  Rule rule;
  rule.id = id;
  rule.display_name = "Zu \"viel\" ü";
  rule.target = {.subject = "", .stage = 3, .importer = "blocs/EU", .method = 3};
  rule.condition = Threshold{.raise = 1.1, .clear = 0.9, .measured_by = Measure::kLowerBound};
  rule.hold = absl::Minutes(hold_minutes);
  rule.severity = Severity::kCritical;
  rule.reason = "because";
  rule.etag = EtagOf(rule);
  return rule;
}

inline ScoreValue SampleScore(const std::string& subject, double value, int64_t revision) {
  return {.key = SampleKey(subject), .value = value, .certainty = {.lower = value}, .revision = revision};
}

inline ScoreBatch SampleBatch(int64_t revision, std::vector<ScoreValue> scores) {
  ScoreBatch batch;
  batch.revision.lineage = "lineage";
  batch.revision.number = revision;
  batch.scores = std::move(scores);
  return batch;
}

inline Changes FillSampleWorld(World& world) {
  Reconciler step(world, kSampleTime);
  step.PutRule(SampleRule("at-once"));
  step.PutRule(SampleRule("waits", 3));
  step.ApplyScores(SampleBatch(
      7,
      {{.key = SampleKey("minerals/a"),
        .value = 2.5,
        .certainty = {.lower = 1.5, .upper = std::nullopt, .completeness = 2, .reasons = {"WITHHELD:US", "UNKNOWN:ZZ"}},
        .revision = 6},
       {.key = SampleKey("minerals/b"), .value = std::nullopt, .revision = 7}}));
  FactBatch facts;
  facts.position = {.revision = {"lineage", 7}, .digest = "digest"};
  facts.facts = {{.resource = "measures/m",
                  .concerns = {"countries/CN", "minerals/a"},
                  .spells = {{.state = 402, .from = kSampleTime}},
                  .revision = 5}};
  step.ApplyFacts(facts);
  step.AdvanceGrid();
  return step.TakeChanges();
}

}  // namespace orewatch::alerting
