// What a rule sees of one subject: what it finds there, and what an alert about it shows. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/evaluation.h"
#include "services/alerting/domain/fact.h"
#include "services/alerting/domain/rule.h"
#include "services/alerting/domain/score.h"

namespace orewatch::alerting {

struct Sight {
  Finding finding;
  // Of a score: its value. Of a combination: how many parts are met. Unset: unknown, or there is no number.
  std::optional<double> value = std::nullopt;
  Certainty certainty = {};
  int cause = 0;
  std::string top_country = {};
  // What meets a condition on a happening.
  std::optional<Happened> happened = std::nullopt;
  // Of the subject.
  Visibility visibility = {};
  // Number of the revision that last changed what is seen.
  int64_t revision = 0;
};

// When something is looked at: values are those of the tick, states those of the time.
struct Moment {
  int64_t tick = 0;
  absl::Time time;
};

// Of a score, in which a rule has found something.
Sight SightOf(const ScoreValue& score, const Finding& finding);
// Of a rule about happenings, which sees one of them.
Sight SightOf(const Rule& rule, const Fact& fact, const std::string& condition_key, const Moment& moment);

// What is known of the subject of a combination.
struct Surroundings {
  std::string subject;
  const absl::btree_map<ScoreKey, ScoreValue>& scores;
  // Those that concern it; null: none do.
  const std::vector<const Fact*>* facts = nullptr;
};
// Of a rule with a combination. It sees no fact that some of its readers may not know of.
Sight SightOf(const Rule& rule, const Surroundings& around, const Moment& moment);

// What the alert shows of what was seen.
void Show(const Sight& sight, Alert& alert);

}  // namespace orewatch::alerting
