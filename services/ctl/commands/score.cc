#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/commands/picture.h"
#include "services/ctl/commands/score_history.h"
#include "services/ctl/commands/score_key.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/render/score_history_text.h"
#include "services/ctl/render/score_picture.h"
#include "services/ctl/render/score_text.h"

namespace orewatch::ctl {
namespace {

using risk::v1::ListScoresResponse;
using risk::v1::ScoreKey;

bool HasStage(risk::v1::Method method) {
  return method != risk::v1::METHOD_COUNTRY_GOVERNANCE && method != risk::v1::METHOD_STOCK_COVER &&
         method != risk::v1::METHOD_OREWATCH_SUPPLIER_2026;
}

bool HasImporter(risk::v1::Method method) {
  constexpr std::array kMethods = {risk::v1::METHOD_EU_SUPPLY_RISK_2017, risk::v1::METHOD_GEOPOLRISK_2024,
                                   risk::v1::METHOD_USGS_2020, risk::v1::METHOD_STOCK_COVER,
                                   risk::v1::METHOD_OREWATCH_2026};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

// Whether the key names one score; the engine then computes it even if it keeps none for the importer.
bool NamesOne(const ScoreKey& key) {
  return key.method() != risk::v1::METHOD_UNSPECIFIED &&
         (!HasStage(key.method()) || key.stage() != type::v1::STAGE_UNSPECIFIED) &&
         (!HasImporter(key.method()) || !key.importer().empty());
}

absl::StatusOr<ListScoresResponse> OneScore(const Client& client, const ScoreKey& key, int64_t min_revision = 0) {
  risk::v1::GetScoreRequest request;
  request.set_min_revision(min_revision);
  *request.mutable_key() = key;
  ListScoresResponse response;
  OREWATCH_ASSIGN_OR_RETURN(*response.add_scores(), client.Call<risk::v1::Score>(kRisk, "GetScore", request));
  *response.mutable_revision() = response.scores(0).revision();
  return response;
}

auto PlaceOf(const ScoreKey& key) { return std::make_tuple(key.stage(), key.method(), key.importer()); }

// Adds what needs an importer and is not kept for this one, at the stages that are known: it says why there is no
// score.
absl::Status AddNotKept(const Client& client, const ScoreKey& key, ListScoresResponse& response) {
  std::set<std::tuple<type::v1::Stage, risk::v1::Method, std::string>> kept;
  std::set<type::v1::Stage> stages;
  if (!response.scores().empty() && key.stage() == type::v1::STAGE_UNSPECIFIED) {
    // Of the mineral as a whole.
    stages.insert(type::v1::STAGE_UNSPECIFIED);
  }
  for (const risk::v1::Score& score : response.scores()) {
    kept.insert(PlaceOf(score.key()));
    stages.insert(score.key().stage());
  }
  for (const type::v1::Stage stage : stages) {
    for (int number = risk::v1::Method_MIN; number <= risk::v1::Method_MAX; ++number) {
      ScoreKey asked = key;
      asked.set_method(static_cast<risk::v1::Method>(number));
      asked.set_stage(HasStage(asked.method()) ? stage : type::v1::STAGE_UNSPECIFIED);
      if (HasImporter(asked.method()) && HasStage(asked.method()) == (stage != type::v1::STAGE_UNSPECIFIED) &&
          kept.insert(PlaceOf(asked)).second) {
        OREWATCH_ASSIGN_OR_RETURN(ListScoresResponse one, OneScore(client, asked, response.revision().number()));
        response.add_scores()->Swap(one.mutable_scores(0));
      }
    }
  }
  return absl::OkStatus();
}

// The methods side by side: what has no importer, and what has this one.
absl::StatusOr<ListScoresResponse> EveryMethod(const Client& client, const ScoreKey& key) {
  ScoreKey filter;
  filter.set_subject(key.subject());
  filter.set_stage(key.stage());
  OREWATCH_ASSIGN_OR_RETURN(ListScoresResponse response, AllScores(client, filter));
  if (!key.importer().empty()) {
    auto& scores = *response.mutable_scores();
    scores.erase(std::remove_if(scores.begin(), scores.end(),
                                [&](const risk::v1::Score& score) {
                                  return !score.key().importer().empty() && score.key().importer() != key.importer();
                                }),
                 scores.end());
    OREWATCH_RETURN_IF_ERROR(AddNotKept(client, key, response));
  }
  std::sort(response.mutable_scores()->begin(), response.mutable_scores()->end(),
            [](const auto& a, const auto& b) { return PlaceOf(a.key()) < PlaceOf(b.key()); });
  return response;
}

absl::StatusOr<ListScoresResponse> ScoresOf(const Session& session, const ScoreKey& key) {
  if (session.options.method == kEveryMethod) {
    return EveryMethod(session.client, key);
  }
  return NamesOne(key) ? OneScore(session.client, key) : AllScores(session.client, key);
}

}  // namespace

absl::Status RunScore(const Session& session) {
  if (session.words.size() > 1) {
    const std::string& what = session.words.front();
    return what == "history" ? RunScoreHistory(session)
           : what == "years" ? RunScoreYears(session)
                             : UsageError("score takes one mineral or country, or `history` or `years` and one");
  }
  if (!session.options.svg.empty()) {
    return UsageError("--svg draws one score: use it with explain, score history or score years");
  }
  OREWATCH_ASSIGN_OR_RETURN(ScoreKey key, KeyOf(session.words.front(), session.options));
  if (IsOfSuppliers(key)) {
    OREWATCH_RETURN_IF_ERROR(CompleteKey(session.client, key));
  }
  OREWATCH_ASSIGN_OR_RETURN(const ListScoresResponse response, ScoresOf(session, key));
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
  const auto picture = [&] {
    const ScoreKey& key = request.key();
    return ScorePicture(explanation, YearsOf(session, key), HistoryOf(session, key));
  };
  OREWATCH_RETURN_IF_ERROR(DrawIfAsked(session, picture));
  session.out << (session.options.format == Format::kTable
                      ? absl::StrCat(ExplanationText(explanation), ChangesText(explanation))
                      : Rendered(session.options.format, explanation, [&] { return InputTable(explanation); }));
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
