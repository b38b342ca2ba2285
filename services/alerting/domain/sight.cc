#include "services/alerting/domain/sight.h"

#include <algorithm>
#include <variant>

namespace orewatch::alerting {
namespace {

double NumberOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMet:
      return kPartMet;
    case Verdict::kBetween:
      return kPartBetween;
    case Verdict::kCleared:
    case Verdict::kUnknown:
      break;
  }
  return kPartCleared;
}

// How far a part is met; unset: unknown.
using Degree = std::optional<double>;

// Of several. One that decides whatever the others are is enough; else one that is unknown leaves all unknown.
Degree Together(Quantifier quantifier, const std::vector<Degree>& degrees) {
  const bool all = quantifier == Quantifier::kAll;
  Degree together;
  bool unknown = false;
  for (const Degree& degree : degrees) {
    unknown = unknown || !degree.has_value();
    if (degree.has_value()) {
      together = !together.has_value() ? *degree : all ? std::min(*together, *degree) : std::max(*together, *degree);
    }
  }
  const bool decided = together.has_value() && *together == (all ? kPartCleared : kPartMet);
  return unknown && !decided ? std::nullopt : together;
}

Degree DegreeOf(Verdict verdict) { return verdict == Verdict::kUnknown ? std::nullopt : Degree(NumberOf(verdict)); }

Degree DegreeOfScores(const Part& part, const Surroundings& around, const Moment& moment, Sight& sight) {
  std::vector<Degree> degrees;
  for (auto at = around.scores.lower_bound(SubjectKey(around.subject));
       at != around.scores.end() && at->first.subject == around.subject; ++at) {
    if (FieldsMatch(part.target, at->first)) {
      degrees.push_back(DegreeOf(VerdictOf(BoundsOf(part), TakeMeasure(part, at->second, moment.tick))));
      sight.revision = std::max(sight.revision, at->second.revision);
    }
  }
  return Together(Quantifier::kAny, degrees);
}

Degree DegreeOfFacts(const Happening& happening, const Rule& rule, const Surroundings& around, const Moment& moment,
                     Sight& sight) {
  Degree degree = kPartCleared;
  for (const Fact* fact : around.facts != nullptr ? *around.facts : std::vector<const Fact*>()) {
    const Spell* met = fact->visibility.AdmitsAllOf(rule.visibility)
                           ? MetBy(happening, *fact, moment.time, {.subject = around.subject})
                           : nullptr;
    if (met != nullptr && !met->unknown) {
      sight.happened = sight.happened.has_value() ? sight.happened : std::optional(Happened{fact->resource, *met});
      sight.revision = std::max(sight.revision, fact->revision);
      return kPartMet;
    }
    degree = met != nullptr ? std::nullopt : degree;
  }
  return degree;
}

}  // namespace

Sight SightOf(const ScoreValue& score, const Finding& finding) {
  return {.finding = finding,
          .value = score.value,
          .certainty = score.certainty,
          .cause = score.cause,
          .top_country = score.top_country,
          .revision = score.revision};
}

Sight SightOf(const Rule& rule, const Fact& fact, const std::string& condition_key, const Moment& moment) {
  const Spell* met = MetBy(std::get<Happening>(rule.condition), fact, moment.time, {.condition_key = condition_key});
  const bool unknown = met != nullptr && met->unknown;
  const Measurement measurement{.number = unknown ? std::nullopt : std::optional(met != nullptr ? 1.0 : 0.0)};
  Sight sight{.finding = Judge(rule, measurement), .visibility = fact.visibility, .revision = fact.revision};
  if (met != nullptr) {
    sight.happened = Happened{fact.resource, *met};
  }
  return sight;
}

Sight SightOf(const Rule& rule, const Surroundings& around, const Moment& moment) {
  const auto& combination = std::get<Combination>(rule.condition);
  Sight sight;
  std::vector<Degree> degrees;
  for (const Part& part : combination.parts) {
    const auto* happening = std::get_if<Happening>(&part.condition);
    degrees.push_back(happening != nullptr ? DegreeOfFacts(*happening, rule, around, moment, sight)
                                           : DegreeOfScores(part, around, moment, sight));
  }
  sight.value = static_cast<double>(std::count(degrees.begin(), degrees.end(), Degree(kPartMet)));
  sight.finding = Judge(rule, {.number = Together(combination.quantifier, degrees)});
  return sight;
}

void Show(const Sight& sight, Alert& alert) {
  const Measurement& measurement = sight.finding.measurement;
  alert.value = sight.value;
  alert.certainty = sight.certainty;
  alert.cause = sight.cause;
  alert.top_country = sight.top_country;
  // What has ended says what it was about.
  if (sight.happened.has_value()) {
    alert.happened = sight.happened;
  }
  alert.subject_visibility = sight.visibility;
  alert.error = measurement.error != nullptr ? measurement.error : "";
  alert.missing_input = !measurement.number.has_value() && alert.error.empty();
}

}  // namespace orewatch::alerting
