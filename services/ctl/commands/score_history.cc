#include "services/ctl/commands/score_history.h"

#include <algorithm>

#include "common/status/status.h"
#include "services/ctl/client/client.h"
#include "services/ctl/commands/score_key.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/render/score_history_text.h"

namespace orewatch::ctl {
namespace {

constexpr int kPageSize = 1000;

}  // namespace

absl::Status RunScoreHistory(const Session& session) {
  risk::v1::ListScoreHistoryRequest request;
  OREWATCH_ASSIGN_OR_RETURN(*request.mutable_key(), KeyOf(session.words.back(), session.options));
  OREWATCH_RETURN_IF_ERROR(CompleteKey(session.client, *request.mutable_key()));
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
  session.out << Rendered(session.options.format, all, [&] { return HistoryTable(all); });
  return absl::OkStatus();
}

absl::Status RunScoreYears(const Session& session) {
  risk::v1::ListScoreYearsRequest request;
  OREWATCH_ASSIGN_OR_RETURN(*request.mutable_key(), KeyOf(session.words.back(), session.options));
  OREWATCH_RETURN_IF_ERROR(CompleteKey(session.client, *request.mutable_key()));
  OREWATCH_ASSIGN_OR_RETURN(const auto years,
                            session.client.Call<risk::v1::ListScoreYearsResponse>(kRisk, "ListScoreYears", request));
  session.out << Rendered(session.options.format, years, [&] { return YearsTable(years); });
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
