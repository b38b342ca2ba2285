#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/partners_text.h"

namespace orewatch::ctl {
namespace {

absl::StatusOr<double> NumberOf(absl::string_view flag, absl::string_view text) {
  double number = 0;
  if (!absl::SimpleAtod(text, &number)) {
    return UsageError(absl::StrCat("--", flag, ": \"", text, "\" is not a number"));
  }
  return number;
}

absl::StatusOr<risk::v1::PartnerWeight> WeightOf(absl::string_view text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  const absl::StatusOr<int> factor = ParseEnum(*risk::v1::PartnerFactor_descriptor(), parts.first);
  if (!factor.ok()) {
    return UsageError(absl::StrCat("--weight: ", factor.status().message()));
  }
  if (parts.second.empty()) {
    return UsageError(absl::StrCat("--weight: \"", text, "\" must be factor=number"));
  }
  OREWATCH_ASSIGN_OR_RETURN(const double number, NumberOf("weight", parts.second));
  risk::v1::PartnerWeight weight;
  weight.set_factor(static_cast<risk::v1::PartnerFactor>(*factor));
  weight.set_weight(number);
  return weight;
}

// `name=log-odds` or `name=log-odds*duration`.
absl::StatusOr<risk::v1::ProjectEffect> EffectOf(absl::string_view text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.second.empty()) {
    return UsageError(absl::StrCat("--effect: \"", text, "\" must be name=log-odds or name=log-odds*duration"));
  }
  const std::vector<absl::string_view> numbers = absl::StrSplit(parts.second, absl::MaxSplits('*', 1));
  risk::v1::ProjectEffect effect;
  effect.set_name(parts.first);
  OREWATCH_ASSIGN_OR_RETURN(const double log_odds, NumberOf("effect", numbers.front()));
  effect.set_log_odds(log_odds);
  if (numbers.size() > 1) {
    OREWATCH_ASSIGN_OR_RETURN(const double factor, NumberOf("effect", numbers.back()));
    effect.set_duration_factor(factor);
  }
  return effect;
}

absl::StatusOr<risk::v1::GetProjectOutlookRequest> OutlookRequestOf(const Session& session) {
  const OutlookFlags& flags = session.options.outlook;
  const std::string& word = session.words.front();
  risk::v1::GetProjectOutlookRequest request;
  request.set_name(absl::StrContains(word, '/') ? word : absl::StrCat("projects/", word));
  if (flags.seed.has_value()) {
    request.set_seed(*flags.seed);
  }
  request.set_runs(flags.runs);
  request.set_horizon_years(flags.years);
  auto& assumptions = *request.mutable_assumptions();
  for (const absl::string_view text : absl::StrSplit(flags.effect, ',', absl::SkipEmpty())) {
    OREWATCH_ASSIGN_OR_RETURN(*assumptions.add_effects(), EffectOf(text));
  }
  for (const absl::string_view text : absl::StrSplit(flags.pass, ',', absl::SkipEmpty())) {
    OREWATCH_ASSIGN_OR_RETURN(const double chance, NumberOf("pass", text));
    assumptions.add_pass_probability(chance);
  }
  assumptions.set_country_failure(flags.country_failure);
  assumptions.set_ramp_years(flags.ramp_years);
  return request;
}

absl::StatusOr<risk::v1::RankPartnersRequest> RequestOf(const Session& session) {
  const Options& options = session.options;
  if (options.importer.empty() || options.stage.empty() || options.horizon == 0) {
    return UsageError("--importer, --stage and --horizon must be given");
  }
  OREWATCH_ASSIGN_OR_RETURN(const risk::v1::ScoreKey key, KeyOf(session.words.front(), options));
  risk::v1::RankPartnersRequest request;
  request.set_mineral(key.subject());
  request.set_stage(key.stage());
  request.set_importer(key.importer());
  request.set_product(options.product);
  request.set_horizon_year(options.horizon);
  for (const absl::string_view word : absl::StrSplit(options.exclude, ',', absl::SkipEmpty())) {
    request.add_exclusions(ImporterName(word));
  }
  for (const absl::string_view text : absl::StrSplit(options.weight, ',', absl::SkipEmpty())) {
    OREWATCH_ASSIGN_OR_RETURN(*request.add_weights(), WeightOf(text));
  }
  return request;
}

}  // namespace

absl::Status RunPartners(const Session& session) {
  OREWATCH_ASSIGN_OR_RETURN(const risk::v1::RankPartnersRequest request, RequestOf(session));
  OREWATCH_ASSIGN_OR_RETURN(const auto response,
                            session.client.Call<risk::v1::RankPartnersResponse>(kRisk, "RankPartners", request));
  session.out << (session.options.format == Format::kTable
                      ? PartnersText(response)
                      : Rendered(session.options.format, response, [&] { return PartnerTable(response); }));
  return absl::OkStatus();
}

absl::Status RunProject(const Session& session) {
  OREWATCH_ASSIGN_OR_RETURN(const risk::v1::GetProjectOutlookRequest request, OutlookRequestOf(session));
  OREWATCH_ASSIGN_OR_RETURN(const auto outlook,
                            session.client.Call<risk::v1::ProjectOutlook>(kRisk, "GetProjectOutlook", request));
  session.out << (session.options.format == Format::kTable
                      ? ProjectOutlookText(outlook)
                      : Rendered(session.options.format, outlook, [&] { return OutlookTable(outlook); }));
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
