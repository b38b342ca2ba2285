#include "absl/strings/match.h"
#include "common/status/status.h"
#include "services/ctl/client/kinds.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {
namespace {

using ::google::protobuf::Message;
using risk::v1::ListScoresResponse;
using risk::v1::ScoreKey;

// Whether the key names one score; the engine then computes it even if it keeps none for the importer.
bool NamesOne(const ScoreKey& key) {
  const bool needs_stage =
      key.method() != risk::v1::METHOD_COUNTRY_GOVERNANCE && key.method() != risk::v1::METHOD_STOCK_COVER;
  const bool needs_importer =
      key.method() == risk::v1::METHOD_EU_SUPPLY_RISK_2017 || key.method() == risk::v1::METHOD_GEOPOLRISK_2024 ||
      key.method() == risk::v1::METHOD_USGS_2020 || key.method() == risk::v1::METHOD_STOCK_COVER ||
      key.method() == risk::v1::METHOD_OREWATCH_2026;
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

absl::StatusOr<ListScoresResponse> AllScores(const Client& client, const ScoreKey& key) {
  OREWATCH_ASSIGN_OR_RETURN(const Kind* kind, FindKind("scores"));
  OREWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<Message> response, ListAll(client, *kind, [&](Message& request) {
                              *static_cast<risk::v1::ListScoresRequest&>(request).mutable_filter() = key;
                            }));
  return static_cast<const ListScoresResponse&>(*response);
}

// Fills in what the user left out: the index of concentration, at the stage where it is worst.
absl::Status CompleteKey(const Client& client, ScoreKey& key) {
  const bool country = absl::StartsWith(key.subject(), "countries/");
  if (key.method() == risk::v1::METHOD_UNSPECIFIED) {
    key.set_method(country ? risk::v1::METHOD_COUNTRY_GOVERNANCE : risk::v1::METHOD_HHI);
  }
  if (country || key.method() == risk::v1::METHOD_STOCK_COVER || key.stage() != type::v1::STAGE_UNSPECIFIED) {
    return absl::OkStatus();
  }
  ScoreKey filter;
  filter.set_subject(key.subject());
  filter.set_method(risk::v1::METHOD_HHI);
  OREWATCH_ASSIGN_OR_RETURN(const ListScoresResponse scores, AllScores(client, filter));
  for (const risk::v1::Score& score : scores.scores()) {
    if (score.bottleneck() || scores.scores_size() == 1) {
      key.set_stage(score.key().stage());
      return absl::OkStatus();
    }
  }
  return MakeError(absl::StatusCode::kNotFound, "NO_BOTTLENECK",
                   "no stage of the mineral is known to be the worst; name one with --stage");
}

}  // namespace

absl::Status RunScore(const Session& session) {
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
  OREWATCH_ASSIGN_OR_RETURN(const risk::v1::ScoreExplanation explanation,
                            session.client.Call<risk::v1::ScoreExplanation>(kRisk, "ExplainScore", request));
  session.out << (session.options.format == Format::kTable
                      ? ExplanationText(explanation)
                      : Rendered(session.options.format, explanation, [&] { return InputTable(explanation); }));
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
