// Scores as people read them.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "orewatch/risk/v1/risk.pb.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {

// `226000 t`, `75.5%` or `withheld`; blank: not given. Ten digits: sums of decimals show no noise.
std::string QuantityText(const type::v1::Quantity& quantity);

// `eu_supply_risk_2017`.
std::string MethodText(risk::v1::Method method);

// `hhi of cobalt, stage mine`.
std::string KeyText(const risk::v1::ScoreKey& key);

// The value with as many digits as its scale bears, and its bounds where it is not exact: `5766 [5766, 5784]`. An upper
// bound that nobody knows is `?`; blank: no value. The mark stands right after the value.
std::string ScoreValueText(const risk::v1::Score& score, absl::string_view mark = "");

// `INCOMPLETE: WITHHELD:US` or `UNSET: NO_TRADE`; blank where complete.
std::string CompletenessText(const risk::v1::Score& score);
// The same in one short cell: `INCOMPLETE: WITHHELD:US +3`.
std::string ShortCompletenessText(const risk::v1::Score& score);

// `CN 97.8%`; blank: none is named.
std::string TopCountryText(const risk::v1::Score& score);

Table ScoreTable(const google::protobuf::RepeatedPtrField<risk::v1::Score>& scores);

// A score, its formula, and each input with its source.
std::string ExplanationText(const risk::v1::ScoreExplanation& explanation);
Table InputTable(const risk::v1::ScoreExplanation& explanation);

}  // namespace orewatch::ctl
