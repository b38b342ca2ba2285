#include "services/alerting/api/alert_listing.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/filter/filter.h"
#include "common/filter/order_by.h"
#include "common/status/status.h"
#include "services/alerting/api/converters.h"
#include "services/alerting/api/pages.h"

namespace orewatch::alerting {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kDefaultEvents = 100;
// Looked at while readers and the writer wait.
constexpr size_t kBatch = 512;

std::string Write(const AlertRank& rank) { return absl::StrCat(rank.urgency, ".", rank.severity, ".", rank.sequence); }

absl::StatusOr<AlertRank> ReadRank(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '.');
  AlertRank rank;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &rank.urgency) || !absl::SimpleAtoi(parts[1], &rank.severity) ||
      !absl::SimpleAtoi(parts[2], &rank.sequence)) {
    return InvalidField("page_token", "is not a token of this query");
  }
  return rank;
}

// What the fields ask for, and what of the filter an index can answer. The filter itself is still to be met.
absl::StatusOr<AlertQuery> QueryOf(const v1::ListAlertsRequest& request, const filter::Filter& filter,
                                   const std::string& principal) {
  AlertQuery query{.rule = "", .subject = request.subject(), .limit = kBatch, .principal = principal};
  if (request.state() != v1::ALERT_STATE_UNSPECIFIED) {
    query.state = static_cast<AlertState>(request.state());
  }
  if (!request.rule().empty()) {
    OREWATCH_ASSIGN_OR_RETURN(query.rule, ParseRuleName("rule", request.rule()));
  }
  for (const filter::Equality& equality : filter.Equalities()) {
    v1::AlertState state = v1::ALERT_STATE_UNSPECIFIED;
    if (equality.path == "subject.subject" && query.subject.empty()) {
      query.subject = equality.literal;
    } else if (equality.path == "rule" && query.rule.empty()) {
      query.rule = std::string(absl::StripPrefix(equality.literal, "rules/"));
    } else if (equality.path == "state" && !query.state.has_value() && v1::AlertState_Parse(equality.literal, &state)) {
      query.state = static_cast<AlertState>(state);
    }
  }
  return query;
}

// In the order of rank, page by page.
absl::Status ListByRank(AlertQuery query, const filter::Filter& filter, size_t page_size,
                        const std::optional<std::string>& begin, const Pages& pages, const AlertView& view,
                        Position& position, v1::ListAlertsResponse& response) {
  if (begin.has_value()) {
    OREWATCH_ASSIGN_OR_RETURN(query.after, ReadRank(*begin));
  }
  for (size_t looked = 0;; looked += query.limit) {
    const AlertPage batch = view.ListAlerts(query, position);
    for (const RuledAlert& alert : batch.alerts) {
      v1::Alert message = ToProto(alert, position);
      if (!filter.Matches(message)) {
        continue;
      }
      if (static_cast<size_t>(response.alerts_size()) == page_size) {
        response.set_next_page_token(pages.After(Write(*query.after)));
        return absl::OkStatus();
      }
      query.after = RankOf(alert.alert);
      *response.add_alerts() = std::move(message);
    }
    if (!batch.next.has_value()) {
      return absl::OkStatus();
    }
    // The next alert that matches may lie anywhere behind a full page: where that ended is where it goes on.
    const bool full = static_cast<size_t>(response.alerts_size()) == page_size;
    query.after = full ? query.after : batch.next;
    if (looked + query.limit >= kMaxLookedAt || full) {
      response.set_next_page_token(pages.After(Write(*query.after)));
      return absl::OkStatus();
    }
  }
}

absl::StatusOr<std::vector<v1::Alert>> AllThatMatch(AlertQuery query, const filter::Filter& filter,
                                                    const AlertView& view, Position& position) {
  std::vector<v1::Alert> all;
  for (size_t looked = 0; looked < kMaxOrdered; looked += query.limit) {
    const AlertPage batch = view.ListAlerts(query, position);
    for (const RuledAlert& alert : batch.alerts) {
      v1::Alert message = ToProto(alert, position);
      if (filter.Matches(message)) {
        all.push_back(std::move(message));
      }
    }
    if (!batch.next.has_value()) {
      return all;
    }
    query.after = batch.next;
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, "TOO_MANY_TO_ORDER",
                   absl::StrCat("more than ", kMaxOrdered,
                                " alerts would have to be looked at; narrow them by state, rule or subject"));
}

// In the order that was asked for. A page begins behind the last alert of the page before, as it was then.
absl::Status ListInOrder(const AlertQuery& query, const filter::Filter& filter, const filter::OrderBy& order,
                         size_t page_size, const std::optional<std::string>& begin, const Pages& pages,
                         const AlertView& view, Position& position, v1::ListAlertsResponse& response) {
  OREWATCH_ASSIGN_OR_RETURN(std::vector<v1::Alert> all, AllThatMatch(query, filter, view, position));
  const auto before = [&](const v1::Alert& a, const v1::Alert& b) { return order.Compare(a, b) < 0; };
  if (begin.has_value()) {
    v1::Alert last;
    if (!last.ParseFromString(*begin)) {
      return InvalidField("page_token", "is not a token of this query");
    }
    all.erase(std::remove_if(all.begin(), all.end(), [&](const v1::Alert& alert) { return !before(last, alert); }),
              all.end());
  }
  const size_t count = std::min(page_size, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end(), before);
  const bool more = count < all.size();
  for (size_t i = 0; i < count; ++i) {
    *response.add_alerts() = std::move(all[i]);
  }
  if (more) {
    response.set_next_page_token(pages.After(response.alerts().rbegin()->SerializeAsString()));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsSearch(const v1::ListAlertsRequest& request) { return !request.filter().empty() || !request.order_by().empty(); }

absl::StatusOr<v1::ListAlertsResponse> ListAlerts(const v1::ListAlertsRequest& request, const Asker& asker,
                                                  const AlertEngine& engine) {
  OREWATCH_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size(), kDefaultPageSize));
  OREWATCH_ASSIGN_OR_RETURN(const auto filter, filter::Filter::Parse(request.filter(), *v1::Alert::descriptor()));
  OREWATCH_ASSIGN_OR_RETURN(const auto order, filter::OrderBy::Parse(request.order_by(), *v1::Alert::descriptor()));
  OREWATCH_ASSIGN_OR_RETURN(const AlertQuery query, QueryOf(request, filter, asker.principal));
  v1::ListAlertsRequest asked = request;
  asked.set_filter(filter.canonical());
  asked.set_order_by(order.canonical());
  asked.clear_min_revision();
  Pages pages(QueryText(asked, asker.principal), asker, engine.identity());
  OREWATCH_ASSIGN_OR_RETURN(const std::optional<std::string> begin, pages.Begin(request.page_token()));
  v1::ListAlertsResponse response;
  Position position;
  OREWATCH_RETURN_IF_ERROR(
      request.order_by().empty()
          ? ListByRank(query, filter, page_size, begin, pages, engine.view(), position, response)
          : ListInOrder(query, filter, order, page_size, begin, pages, engine.view(), position, response));
  response.set_sequence(position.sequence);
  ToProto(position.applied, *response.mutable_revision());
  response.set_lineage(engine.identity().lineage);
  return response;
}

absl::StatusOr<RuledAlert> FindVisible(const std::string& name, const std::string& principal, const AlertEngine& engine,
                                       Position& position) {
  OREWATCH_ASSIGN_OR_RETURN(const std::string id, ParseAlertName("name", name));
  std::optional<RuledAlert> alert = engine.view().FindAlert(id, position);
  if (!alert.has_value() || !alert->alert.VisibleTo(principal)) {
    return MakeError(absl::StatusCode::kNotFound, "ALERT_NOT_FOUND", absl::StrCat("there is no ", name),
                     {{"name", name}});
  }
  return *std::move(alert);
}

absl::StatusOr<v1::ListAlertEventsResponse> ListAlertEvents(const v1::ListAlertEventsRequest& request,
                                                            const Asker& asker, const AlertEngine& engine) {
  OREWATCH_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size(), kDefaultEvents));
  Position position;
  OREWATCH_ASSIGN_OR_RETURN(const RuledAlert alert, FindVisible(request.name(), asker.principal, engine, position));
  Pages pages(QueryText(request, asker.principal), asker, engine.identity());
  OREWATCH_ASSIGN_OR_RETURN(const std::optional<std::string> begin, pages.Begin(request.page_token()));
  int64_t before = std::numeric_limits<int64_t>::max();
  if (begin.has_value() && !absl::SimpleAtoi(*begin, &before)) {
    return InvalidField("page_token", "is not a token of this query");
  }
  // One more, to know whether there is a next page.
  OREWATCH_ASSIGN_OR_RETURN(std::vector<TimelineEntry> entries,
                            engine.store().Timeline(alert.alert.key, before, static_cast<int64_t>(page_size) + 1));
  std::reverse(entries.begin(), entries.end());
  v1::ListAlertEventsResponse response;
  if (entries.size() > page_size) {
    entries.resize(page_size);
    response.set_next_page_token(pages.After(absl::StrCat(entries.back().after.sequence)));
  }
  for (const TimelineEntry& entry : entries) {
    *response.add_events() = ToProto(entry);
  }
  return response;
}

}  // namespace orewatch::alerting
