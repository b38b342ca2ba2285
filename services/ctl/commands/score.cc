#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/commands/score_history.h"
#include "services/ctl/commands/score_key.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/render/score_history_text.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {
namespace {

using risk::v1::ListScoresResponse;
using risk::v1::ScoreKey;

// Whether the key names one score; the engine then computes it even if it keeps none for the importer.
bool NamesOne(const ScoreKey& key) {
  const bool needs_stage =
      key.method() != risk::v1::METHOD_COUNTRY_GOVERNANCE && key.method() != risk::v1::METHOD_STOCK_COVER;
  const bool needs_importer =
      key.method() == risk::v1::METHOD_EU_SUPPLY_RISK_2017 || key.method() == risk::v1::METHOD_GEOPOLRISK_2024 ||
      key.method() == risk::v1::METHOD_USGS_2020 || key.method() == risk::v1::METHOD_STOCK_COVER;
  return key.method() != risk::v1::METHOD_UNSPECIFIED && (!needs_stage || key.stage() != type::v1::STAGE_UNSPECIFIED) &&
         (!needs_importer || !key.importer().empty());
}

absl::StatusOr<ListScoresResponse> OneScore(const Client& client, const ScoreKey& key) {
  risk::v1::GetScoreRequest request;
  *request.mutable_key() = key;
  ListScoresResponse response;
  OREWATCH_ASSIGN_OR_RETURN(*response.add_scores(), client.Call<risk::v1::Score>(kRisk, "GetScore", request));
  *response.mutable_revision() = response.scores(0).revision();
  return response;
}

}  // namespace

absl::Status RunScore(const Session& session) {
  if (session.words.size() > 1) {
    const std::string& what = session.words.front();
    return what == "history" ? RunScoreHistory(session)
           : what == "years" ? RunScoreYears(session)
                             : UsageError("score takes one mineral or country, or `history` or `years` and one");
  }
  OREWATCH_ASSIGN_OR_RETURN(const ScoreKey key, KeyOf(session.words.front(), session.options));
  OREWATCH_ASSIGN_OR_RETURN(const ListScoresResponse response,
                            NamesOne(key) ? OneScore(session.client, key) : AllScores(session.client, key));
  if (response.scores().empty()) {
    return MakeError(absl::StatusCode::kNotFound, "NO_SCORE", "there is no such score");
  }
  session.out << Rendered(session.options.format, response, [&] { return ScoreTable(response.scores()); });
  return absl::OkStatus();
}

absl::Status RunExplain(const Session& session) {
  risk::v1::ExplainScoreRequest request;
  OREWATCH_ASSIGN_OR_RETURN(*request.mutable_key(), KeyOf(session.words.front(), session.options));
  OREWATCH_RETURN_IF_ERROR(CompleteKey(session.client, *request.mutable_key()));
  request.set_since_revision(session.options.after.value_or(0));
  OREWATCH_ASSIGN_OR_RETURN(const risk::v1::ScoreExplanation explanation,
                            session.client.Call<risk::v1::ScoreExplanation>(kRisk, "ExplainScore", request));
  session.out << (session.options.format == Format::kTable
                      ? absl::StrCat(ExplanationText(explanation), ChangesText(explanation))
                      : Rendered(session.options.format, explanation, [&] { return InputTable(explanation); }));
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
