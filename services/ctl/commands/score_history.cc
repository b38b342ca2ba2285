#include "services/ctl/commands/score_history.h"

#include <algorithm>

#include "common/status/status.h"
#include "services/ctl/client/client.h"
#include "services/ctl/commands/picture.h"
#include "services/ctl/commands/score_key.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/render/score_history_text.h"
#include "services/ctl/render/score_picture.h"

namespace orewatch::ctl {
namespace {

constexpr int kPageSize = 1000;

absl::StatusOr<risk::v1::ScoreKey> KeyOfSecondWord(const Session& session) {
  OREWATCH_ASSIGN_OR_RETURN(risk::v1::ScoreKey key, KeyOf(session.words.back(), session.options));
  OREWATCH_RETURN_IF_ERROR(CompleteKey(session.client, key));
  return key;
}

}  // namespace

absl::StatusOr<risk::v1::ListScoreHistoryResponse> HistoryOf(const Session& session, const risk::v1::ScoreKey& key) {
  risk::v1::ListScoreHistoryRequest request;
  *request.mutable_key() = key;
  request.set_oldest_first(session.options.oldest_first);
  const int limit = session.options.limit;
  risk::v1::ListScoreHistoryResponse all;
  while (limit == 0 || all.records_size() < limit) {
    request.set_page_size(limit == 0 ? kPageSize : std::min(limit - all.records_size(), kPageSize));
    OREWATCH_ASSIGN_OR_RETURN(
        auto page, session.client.Call<risk::v1::ListScoreHistoryResponse>(kRisk, "ListScoreHistory", request));
    request.set_page_token(page.next_page_token());
    page.clear_next_page_token();
    all.MergeFrom(page);
    if (request.page_token().empty()) {
      break;
    }
  }
  return all;
}

absl::StatusOr<risk::v1::ListScoreYearsResponse> YearsOf(const Session& session, const risk::v1::ScoreKey& key) {
  risk::v1::ListScoreYearsRequest request;
  *request.mutable_key() = key;
  return session.client.Call<risk::v1::ListScoreYearsResponse>(kRisk, "ListScoreYears", request);
}

absl::Status RunScoreHistory(const Session& session) {
  OREWATCH_ASSIGN_OR_RETURN(const risk::v1::ScoreKey key, KeyOfSecondWord(session));
  OREWATCH_ASSIGN_OR_RETURN(const auto history, HistoryOf(session, key));
  OREWATCH_RETURN_IF_ERROR(DrawIfAsked(session, [&] { return HistoryPicture(history); }));
  session.out << Rendered(session.options.format, history, [&] { return HistoryTable(history); });
  return absl::OkStatus();
}

absl::Status RunScoreYears(const Session& session) {
  OREWATCH_ASSIGN_OR_RETURN(const risk::v1::ScoreKey key, KeyOfSecondWord(session));
  OREWATCH_ASSIGN_OR_RETURN(const auto years, YearsOf(session, key));
  OREWATCH_RETURN_IF_ERROR(DrawIfAsked(session, [&] { return YearsPicture(years); }));
  session.out << Rendered(session.options.format, years, [&] { return YearsTable(years); });
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
