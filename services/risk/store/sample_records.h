// Records for tests of stores.
#pragma once

#include <string>

#include "services/risk/domain/score_record.h"

namespace orewatch::risk {

inline ScoreKey SampleKey(const std::string& subject, Method method = Method::kHhi) { return {subject, 1, "", method}; }

// With each kind of thing in it.
inline ScoreRecord SampleRecord(const ScoreKey& key, double value) {
  ScoreRecord record;
  record.score.key = key;
  record.score.estimate = {value, value / 2, std::nullopt, {"UNKNOWN:ZZ", "WITHHELD:US"}};
  record.score.band = Band::kHigh;
  record.score.reference_year = 2024;
  record.score.top_country = "CN";
  record.score.top_share = 0.5;
  record.score.bottleneck = true;
  record.score.known_stages = 2;
  record.score.notes = {"GOVERNANCE_YEAR:2023"};
  record.score.change_cause = ChangeCause::kRestated;
  Input output;
  output.role = "production";
  output.country = "CN";
  output.value = 0.5;
  output.contribution = 2500;
  output.year = 2024;
  output.dataset = "usgs-mcs-2026";
  output.product = "ore";
  output.basis = 2;
  output.scope = "all";
  output.figure.amount = value;
  output.figure.estimated = true;
  output.figure.value_usd = 1e9;
  Input withheld = output;
  withheld.country = "US";
  withheld.value.reset();
  withheld.contribution.reset();
  withheld.figure = {};
  withheld.figure.withheld = true;
  withheld.figure.measure = Measure::kShares;
  record.score.inputs = {output, withheld};
  record.edition = "hhi";
  record.parameter_set = "default";
  record.method_parameters = "own 1";
  return record;
}

}  // namespace orewatch::risk
