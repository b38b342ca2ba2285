#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/commands/command.h"
#include "services/ctl/commands/subject.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/exposure_text.h"

namespace orewatch::ctl {
namespace {

constexpr int kMaxTier = 6;
constexpr int kDefaultPaths = 20;

std::string MineralName(const std::string& word) { return word.empty() ? "" : SubjectName(word); }

template <typename Response>
void Show(const Session& session, const Response& response, Table table) {
  session.out << Rendered(session.options.format, response, [&] { return std::move(table); });
}

// What is to be said of an answer of which a part is missing.
absl::Status PartOf(const Session& session, bool is_part, absl::string_view why) {
  if (is_part && session.options.format == Format::kTable) {
    session.out << "! " << why << "\n";
  }
  return PartialAnswer(is_part ? why : "");
}

absl::StatusOr<risk::v1::GroupBy> GroupByOf(const std::string& word) {
  if (word.empty()) {
    return risk::v1::GROUP_BY_UNSPECIFIED;
  }
  const absl::StatusOr<int> group_by = ParseEnum(*risk::v1::GroupBy_descriptor(), word);
  return group_by.ok() ? absl::StatusOr<risk::v1::GroupBy>(static_cast<risk::v1::GroupBy>(*group_by))
                       : UsageError(absl::StrCat("--by: ", group_by.status().message()));
}

// The first page and those after it.
absl::StatusOr<risk::v1::ListExposuresResponse> AllExposures(const Client& client,
                                                             risk::v1::ListExposuresRequest request) {
  risk::v1::ListExposuresResponse all;
  do {
    OREWATCH_ASSIGN_OR_RETURN(auto page, client.Call<risk::v1::ListExposuresResponse>(kRisk, "ListExposures", request));
    request.set_page_token(page.next_page_token());
    page.clear_next_page_token();
    all.MergeFrom(page);
  } while (!request.page_token().empty());
  return all;
}

absl::Status ShowShares(const Session& session, const std::string& subject) {
  risk::v1::ListExposuresRequest request;
  request.set_subject(subject);
  request.set_mineral(MineralName(session.options.mineral));
  request.set_product(session.options.product);
  OREWATCH_ASSIGN_OR_RETURN(const auto group_by, GroupByOf(session.options.by));
  request.set_group_by(group_by);
  OREWATCH_ASSIGN_OR_RETURN(const auto response, AllExposures(session.client, request));
  Show(session, response, ExposureTable(response, session.options.tier == 0 ? kMaxTier : session.options.tier));
  if (session.options.format == Format::kTable) {
    session.out << AssumptionLines(response) << UnsetLines(response);
  }
  return PartialAnswer(UnsetExposures(response));
}

// Pages up to the limit; 0: all.
template <typename Response, typename Request>
absl::StatusOr<Response> PagesOf(const Client& client, const char* method, Request request, int limit,
                                 int (Response::*size)() const) {
  constexpr int kPageSize = 100;
  Response all;
  while (limit == 0 || (all.*size)() < limit) {
    request.set_page_size(limit == 0 ? kPageSize : std::min(limit - (all.*size)(), kPageSize));
    OREWATCH_ASSIGN_OR_RETURN(Response page, client.Call<Response>(kRisk, method, request));
    request.set_page_token(page.next_page_token());
    all.MergeFrom(page);
    all.set_more(page.more());
    all.set_next_page_token(page.next_page_token());
    if (request.page_token().empty()) {
      break;
    }
  }
  return all;
}

absl::Status ShowPaths(const Session& session, const std::string& subject) {
  risk::v1::ListSupplyPathsRequest request;
  request.set_subject(subject);
  request.set_mineral(MineralName(session.options.mineral));
  request.set_tier(session.options.tier == 0 ? 1 : session.options.tier);
  if (session.options.paths != "all") {
    request.set_country(ImporterName(session.options.paths));
  }
  const int limit = session.options.limit == 0 ? kDefaultPaths : session.options.limit;
  OREWATCH_ASSIGN_OR_RETURN(const auto response, PagesOf(session.client, "ListSupplyPaths", request, limit,
                                                         &risk::v1::ListSupplyPathsResponse::paths_size));
  Show(session, response, PathTable(response));
  if (session.options.format == Format::kTable && response.more()) {
    session.out << "! there are more: --limit says how many are shown\n";
  }
  return PartOf(session, response.gave_up(), "larger paths may be missing");
}

absl::Status ShowAlternatives(const Session& session, const std::string& subject) {
  risk::v1::ListAlternativesRequest request;
  request.set_subject(subject);
  request.set_mineral(MineralName(session.options.mineral));
  request.set_product(session.options.product);
  OREWATCH_ASSIGN_OR_RETURN(const auto response,
                            PagesOf(session.client, "ListAlternatives", request, session.options.limit,
                                    &risk::v1::ListAlternativesResponse::alternatives_size));
  Show(session, response, AlternativeTable(response));
  return absl::OkStatus();
}

absl::Status ShowFailurePoints(const Session& session, const std::string& subject) {
  risk::v1::ListFailurePointsRequest request;
  request.set_subject(subject);
  request.set_mineral(MineralName(session.options.mineral));
  OREWATCH_ASSIGN_OR_RETURN(const auto group_by, GroupByOf(session.options.by));
  request.set_group_by(group_by);
  OREWATCH_ASSIGN_OR_RETURN(const auto response, session.client.Call<risk::v1::ListFailurePointsResponse>(
                                                     kRisk, "ListFailurePoints", request));
  Show(session, response, FailurePointTable(response));
  return PartOf(session, response.truncated(), "only the nearest suppliers were looked at");
}

absl::Status ShowSurvival(const Session& session, const std::string& subject) {
  risk::v1::GetTimeToSurviveRequest request;
  request.set_subject(subject);
  request.set_mineral(MineralName(session.options.mineral));
  request.set_product(session.options.product);
  request.set_lost(absl::StrContains(session.options.lost, '/') ? session.options.lost
                                                                : ImporterName(session.options.lost));
  OREWATCH_ASSIGN_OR_RETURN(const auto response,
                            session.client.Call<risk::v1::TimeToSurvive>(kRisk, "GetTimeToSurvive", request));
  Show(session, response, SurvivalTable(response));
  return absl::OkStatus();
}

}  // namespace

absl::Status RunExposure(const Session& session) {
  const Options& options = session.options;
  const int questions = static_cast<int>(!options.paths.empty()) + static_cast<int>(options.failure_points) +
                        static_cast<int>(options.alternatives) + static_cast<int>(!options.lost.empty());
  if (questions > 1) {
    return UsageError("--paths, --failure_points, --alternatives and --lost ask different things: give one");
  }
  if (options.tier < 0 || options.tier > kMaxTier) {
    return UsageError(absl::StrCat("--tier: must be from 1 to ", kMaxTier));
  }
  const std::string& subject = session.words.front();
  if (!options.paths.empty()) {
    return ShowPaths(session, subject);
  }
  if (options.failure_points) {
    return ShowFailurePoints(session, subject);
  }
  if (options.alternatives) {
    return ShowAlternatives(session, subject);
  }
  return options.lost.empty() ? ShowShares(session, subject) : ShowSurvival(session, subject);
}

}  // namespace orewatch::ctl
