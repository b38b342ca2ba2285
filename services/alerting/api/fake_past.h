// A past that a test decides.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "orewatch/risk/v1/score.pb.h"
#include "services/alerting/api/past_source.h"

namespace orewatch::alerting {

class FakePast final : public PastSource {
 public:
  // The HHI of a mineral's refining in a new revision.
  void Score(const std::string& mineral, std::optional<double> value, absl::Time commit_time) {
    const ScoreKey key{.subject = absl::StrCat("minerals/", mineral),
                       .stage = type::v1::STAGE_REFINE,
                       .importer = "",
                       .method = risk::v1::METHOD_HHI};
    const auto index = numbers_.try_emplace(key, static_cast<uint32_t>(numbers_.size())).first->second;
    past.keys.resize(numbers_.size());
    past.keys[index] = key;
    past.revision.number += 1;
    past.records.push_back(PastOf({.key = key, .value = value, .revision = past.revision.number}, index, commit_time));
  }
  absl::StatusOr<PastScores> ReadScores(const PastQuestion& question) override {
    asked_by = question.caller.principal;
    return status.ok() ? absl::StatusOr<PastScores>(past) : status;
  }

  // A thing of the registry in a new revision.
  void Happens(Fact fact, absl::Time commit_time) {
    facts.revision.number = past.revision.number += 1;
    facts.thing_count += 1;
    fact.revision = facts.revision.number;
    facts.batches.push_back({.position = {.revision = facts.revision},
                             .commit_time = commit_time,
                             .facts = {std::move(fact)},
                             .removed = {}});
  }
  absl::StatusOr<PastFacts> ReadFacts(const PastQuestion& question) override {
    asked_by = question.caller.principal;
    return status.ok() ? absl::StatusOr<PastFacts>(facts) : status;
  }

  PastScores past;
  // Whose history begins with nothing.
  PastFacts facts = {.batches = {{.position = {.revision = {.lineage = "", .number = -1}},
                                  .commit_time = absl::UnixEpoch(),
                                  .facts = {},
                                  .removed = {}}}};
  absl::Status status;
  std::string asked_by;

 private:
  std::map<ScoreKey, uint32_t> numbers_;
};

}  // namespace orewatch::alerting
