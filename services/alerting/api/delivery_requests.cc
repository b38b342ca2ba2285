#include "services/alerting/api/delivery_requests.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "services/alerting/api/converters.h"
#include "services/alerting/api/page_token.h"

namespace orewatch::alerting {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;

static_assert(static_cast<int>(DeliveryState::kPending) == v1::Delivery::STATE_PENDING);
static_assert(static_cast<int>(DeliveryState::kDelivered) == v1::Delivery::STATE_DELIVERED);
static_assert(static_cast<int>(DeliveryState::kNotified) == v1::Delivery::STATE_NOTIFIED);
static_assert(static_cast<int>(DeliveryState::kDead) == v1::Delivery::STATE_DEAD);
static_assert(static_cast<int>(DeliveryState::kSuperseded) == v1::Delivery::STATE_SUPERSEDED);

std::string QueryOf(const v1::ListDeliveriesRequest& request) {
  return absl::StrCat("deliveries\n", request.state(), "\n", request.target(), "\n", request.alert());
}

absl::StatusOr<DeliveryRank> ReadRank(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('.', 1));
  DeliveryRank rank;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &rank.sequence)) {
    return InvalidField("page_token", "is not a token of this query");
  }
  rank.target = parts[1];
  return rank;
}

absl::StatusOr<DeliveryQuery> Parse(const v1::ListDeliveriesRequest& request) {
  DeliveryQuery query{.target = request.target()};
  if (request.page_size() < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  query.limit = request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  if (request.state() != v1::Delivery::STATE_UNSPECIFIED) {
    query.state = static_cast<DeliveryState>(request.state());
  }
  if (!request.alert().empty()) {
    OREWATCH_ASSIGN_OR_RETURN(query.alert_id, ParseAlertName("alert", request.alert()));
  }
  if (!request.page_token().empty()) {
    OREWATCH_ASSIGN_OR_RETURN(const std::string position, ReadPageToken(QueryOf(request), request.page_token()));
    OREWATCH_ASSIGN_OR_RETURN(query.after, ReadRank(position));
  }
  return query;
}

}  // namespace

v1::Delivery ToProto(const Delivery& delivery) {
  v1::Delivery out;
  out.set_sequence(delivery.sequence);
  out.set_target(delivery.target);
  out.set_alert(AlertName(delivery.alert_id));
  out.set_state(static_cast<v1::Delivery::State>(delivery.state));
  out.set_attempts(delivery.attempts);
  *out.mutable_create_time() = orewatch::ToProto(delivery.create_time);
  if (delivery.state == DeliveryState::kPending) {
    *out.mutable_next_attempt_time() = orewatch::ToProto(delivery.next_attempt);
  }
  out.set_last_error(delivery.last_error);
  if (delivery.delivered_time.has_value()) {
    *out.mutable_delivered_time() = orewatch::ToProto(*delivery.delivered_time);
  }
  if (delivery.notified_time.has_value()) {
    *out.mutable_notified_time() = orewatch::ToProto(*delivery.notified_time);
  }
  for (const Acceptance& acceptance : delivery.accepted_by) {
    v1::Delivery::Acceptance& added = *out.add_accepted_by();
    added.set_replica(acceptance.replica);
    *added.mutable_time() = orewatch::ToProto(acceptance.time);
  }
  return out;
}

absl::StatusOr<v1::ListDeliveriesResponse> ListDeliveries(const v1::ListDeliveriesRequest& request,
                                                          DeliveryStore& store) {
  OREWATCH_ASSIGN_OR_RETURN(DeliveryQuery query, Parse(request));
  const auto page_size = static_cast<size_t>(query.limit);
  // One more, to know whether there is a next page.
  ++query.limit;
  OREWATCH_ASSIGN_OR_RETURN(std::vector<Delivery> deliveries, store.ListDeliveries(query));
  v1::ListDeliveriesResponse response;
  if (deliveries.size() > page_size) {
    deliveries.resize(page_size);
    const Delivery& last = deliveries.back();
    response.set_next_page_token(MakePageToken(QueryOf(request), absl::StrCat(last.sequence, ".", last.target)));
  }
  for (const Delivery& delivery : deliveries) {
    *response.add_deliveries() = ToProto(delivery);
  }
  return response;
}

absl::StatusOr<v1::Delivery> ReplayDelivery(const v1::ReplayDeliveryRequest& request, const Clock& clock,
                                            DeliveryStore& store) {
  FieldViolations violations;
  if (request.sequence() <= 0) {
    violations.Add("sequence", "must be that of a change");
  }
  if (request.target().empty()) {
    violations.Add("target", "must name alertmanager or a webhook");
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  OREWATCH_ASSIGN_OR_RETURN(const Delivery replayed,
                            store.ReplayDelivery(request.sequence(), request.target(), clock.Now()));
  return ToProto(replayed);
}

}  // namespace orewatch::alerting
