#include "services/ctl/render/score_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "services/ctl/import/enum_text.h"

namespace orewatch::ctl {
namespace {

using risk::v1::Score;
using risk::v1::ScoreInput;
using type::v1::Completeness;

constexpr double kPercent = 100;

std::string Shortened(absl::string_view name) {
  return std::string(absl::StripPrefix(absl::StripPrefix(name, "minerals/"), "countries/"));
}

std::string StageText(type::v1::Stage stage) { return EnumText(*type::v1::Stage_descriptor(), stage); }

std::string Line(absl::string_view label, absl::string_view text) {
  return text.empty() ? "" : absl::StrFormat("%-14s%s\n", absl::StrCat(label, ":"), text);
}

// What a status begins with; blank where complete.
absl::string_view CompletenessName(const Score& score) {
  switch (score.completeness().state()) {
    case Completeness::STATE_COMPLETE:
      return "";
    case Completeness::STATE_INCOMPLETE:
      return "INCOMPLETE";
    default:
      return "UNSET";
  }
}

// An edition is little without what its numbers run over.
std::string EditionText(const risk::v1::ScoreExplanation& explanation) {
  const std::string& edition = explanation.score().edition();
  return explanation.scale().empty() ? edition : absl::StrCat(edition, " (", explanation.scale(), ")");
}

std::string AssumptionLines(const risk::v1::ScoreExplanation& explanation) {
  std::string lines;
  for (const std::string& assumption : explanation.assumptions()) {
    absl::StrAppend(&lines, Line("Assumes", assumption));
  }
  return lines;
}

std::string NumberText(double number) { return absl::StrFormat("%.4g", number); }

std::string ComponentLines(const Score& score) {
  std::string lines;
  for (const risk::v1::ScoreComponent& component : score.components()) {
    const std::string bounds =
        absl::StrCat(" [", NumberText(component.bounds().lower()), ", ",
                     component.bounds().has_upper() ? NumberText(component.bounds().upper()) : "?", "]");
    const bool certain = component.bounds().has_upper() && component.bounds().lower() == component.bounds().upper();
    const std::string value = absl::StrCat(NumberText(component.value()), certain ? "" : bounds);
    absl::StrAppend(&lines,
                    Line("Part", absl::StrCat(component.name(), " = ", component.has_value() ? value : "unknown", " (",
                                              component.unit(), ")")));
  }
  return lines;
}

// The method's own parameters after the name of the service's set.
std::string ParametersText(const Score& score) {
  std::vector<std::string> parts;
  for (const risk::v1::Parameter& parameter : score.parameters().parameters()) {
    parts.push_back(absl::StrCat(parameter.name(), " ",
                                 parameter.has_number() ? absl::StrCat(parameter.number()) : parameter.text()));
  }
  const std::string own = parts.empty() ? ""
                                        : absl::StrCat("; ", score.parameters().name(), " edition ",
                                                       score.parameters().edition(), ": ", absl::StrJoin(parts, ", "));
  return absl::StrCat(score.parameter_set(), own);
}

// A number with as many digits as the scale of its method bears.
std::string ScaledText(risk::v1::Method method, double value) {
  // The indices run to 10000 and are read as whole numbers; those of GeoPolRisk and the USGS run to 1, the other scales
  // to about 10.
  const bool wide = method == risk::v1::METHOD_HHI || method == risk::v1::METHOD_HHI_GOVERNANCE ||
                    method == risk::v1::METHOD_HHI_GOVERNANCE_EXPORTS || method == risk::v1::METHOD_HHI_OWNERSHIP;
  if (wide) {
    return absl::StrFormat("%.0f", value);
  }
  const bool narrow = method == risk::v1::METHOD_GEOPOLRISK_2024 || method == risk::v1::METHOD_USGS_2020;
  return narrow ? absl::StrFormat("%.3f", value) : absl::StrFormat("%.2f", value);
}

}  // namespace

std::string QuantityText(const type::v1::Quantity& quantity) {
  switch (quantity.value_case()) {
    case type::v1::Quantity::kTonnes:
      return absl::StrFormat("%.10g t", quantity.tonnes());
    case type::v1::Quantity::kShare:
      return absl::StrFormat("%.1f%%", quantity.share() * kPercent);
    case type::v1::Quantity::kWithheld:
      return "withheld";
    case type::v1::Quantity::VALUE_NOT_SET:
      break;
  }
  return "";
}

std::string MethodText(risk::v1::Method method) { return EnumText(*risk::v1::Method_descriptor(), method); }

std::string ScoreValueText(const Score& score, absl::string_view mark) {
  if (!score.has_value()) {
    return "";
  }
  const auto method = score.key().method();
  std::string value = absl::StrCat(ScaledText(method, score.value()), mark);
  if (!score.has_bounds()) {
    return value;
  }
  const std::string lower = ScaledText(method, score.bounds().lower());
  const std::string upper = score.bounds().has_upper() ? ScaledText(method, score.bounds().upper()) : "?";
  return lower == upper ? value : absl::StrCat(value, " [", lower, ", ", upper, "]");
}

std::string CompletenessText(const Score& score) {
  const absl::string_view name = CompletenessName(score);
  const std::string reasons = name.empty() ? "" : absl::StrJoin(score.completeness().reasons(), ", ");
  return absl::StrCat(name, reasons.empty() ? "" : ": ", reasons);
}

std::string ShortCompletenessText(const Score& score) {
  const absl::string_view name = CompletenessName(score);
  const auto& reasons = score.completeness().reasons();
  if (name.empty() || reasons.empty()) {
    return std::string(name);
  }
  return absl::StrCat(name, ": ", reasons[0], reasons.size() > 1 ? absl::StrCat(" +", reasons.size() - 1) : "");
}

std::string BottleneckText(const Score& score) {
  if (!score.bottleneck()) {
    return "";
  }
  const bool unsure = std::find(score.notes().begin(), score.notes().end(), "BOTTLENECK_UNSURE") != score.notes().end();
  return absl::StrCat("of ", score.known_stages(), " known", unsure ? "?" : "");
}

std::string TopCountryText(const Score& score) {
  if (score.top_country().empty() || !score.has_top_share()) {
    return score.top_country();
  }
  return absl::StrFormat("%s %.1f%%", score.top_country(), score.top_share() * kPercent);
}

Table ScoreTable(const google::protobuf::RepeatedPtrField<Score>& scores) {
  Table table{{"SUBJECT", "STAGE", "IMPORTER", "METHOD", "VALUE", "BAND", "TOP", "YEAR", "BOTTLENECK", "STATUS"}, {}};
  for (const Score& score : scores) {
    table.rows.push_back({Shortened(score.key().subject()), StageText(score.key().stage()),
                          Shortened(score.key().importer()), MethodText(score.key().method()), ScoreValueText(score),
                          EnumText(*risk::v1::Band_descriptor(), score.band()), TopCountryText(score),
                          score.reference_year() == 0 ? "" : absl::StrCat(score.reference_year()),
                          BottleneckText(score), CompletenessText(score)});
  }
  return table;
}

Table InputTable(const risk::v1::ScoreExplanation& explanation) {
  // A figure that no dataset holds may be a facility's.
  Table table{{"ROLE", "COUNTRY", "QUANTITY", "VALUE", "CONTRIBUTION", "YEAR", "DATASET", "SOURCE"}, {}};
  for (const ScoreInput& input : explanation.inputs()) {
    table.rows.push_back({input.role(), input.country(), QuantityText(input.quantity()),
                          input.has_value() ? absl::StrFormat("%.4g", input.value()) : "",
                          input.has_contribution() ? absl::StrFormat("%.4g", input.contribution()) : "",
                          input.year() == 0 ? "" : absl::StrCat(input.year()),
                          input.facility().empty() ? input.dataset() : input.facility(), input.provenance().source()});
  }
  return table;
}

std::string KeyText(const risk::v1::ScoreKey& key) {
  const std::string stage = StageText(key.stage());
  const std::string importer = Shortened(key.importer());
  return absl::StrCat(MethodText(key.method()), " of ", Shortened(key.subject()), stage.empty() ? "" : ", stage ",
                      stage, importer.empty() ? "" : ", importer ", importer);
}

std::string ExplanationText(const risk::v1::ScoreExplanation& explanation) {
  const Score& score = explanation.score();
  return absl::StrCat(
      Line("Score", KeyText(score.key())), Line("Value", ScoreValueText(score)),
      Line("Band", EnumText(*risk::v1::Band_descriptor(), score.band())), Line("Status", CompletenessText(score)),
      Line("Notes", absl::StrJoin(score.notes(), ", ")), Line("Top country", TopCountryText(score)),
      Line("Year", score.reference_year() == 0 ? "" : absl::StrCat(score.reference_year())),
      Line("Edition", EditionText(explanation)), ComponentLines(score), Line("Parameters", ParametersText(score)),
      Line("Revision", absl::StrCat(score.revision().number())), Line("Formula", explanation.formula()),
      Line("Reference", explanation.reference()), AssumptionLines(explanation), "\n",
      TableText(InputTable(explanation)));
}

}  // namespace orewatch::ctl
