#include "services/alerting/api/delivery_requests.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "common/time/proto_time.h"
#include "services/alerting/api/converters.h"
#include "services/alerting/store/rows.h"

namespace orewatch::alerting {
namespace {

constexpr int kDefaultPageSize = 50;
// How many deliveries a page looks at before it ends short.
constexpr size_t kMaxLookedAt = 10000;
constexpr int64_t kBatch = 500;

static_assert(static_cast<int>(DeliveryState::kPending) == v1::Delivery::STATE_PENDING);
static_assert(static_cast<int>(DeliveryState::kDelivered) == v1::Delivery::STATE_DELIVERED);
static_assert(static_cast<int>(DeliveryState::kNotified) == v1::Delivery::STATE_NOTIFIED);
static_assert(static_cast<int>(DeliveryState::kDead) == v1::Delivery::STATE_DEAD);
static_assert(static_cast<int>(DeliveryState::kSuperseded) == v1::Delivery::STATE_SUPERSEDED);

std::string Write(const DeliveryRank& rank) { return absl::StrCat(rank.sequence, ".", rank.target); }

absl::StatusOr<DeliveryRank> ReadRank(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('.', 1));
  DeliveryRank rank;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &rank.sequence)) {
    return ForeignToken();
  }
  rank.target = parts[1];
  return rank;
}

absl::StatusOr<DeliveryQuery> Parse(const v1::ListDeliveriesRequest& request) {
  DeliveryQuery query{.target = request.target(), .limit = kBatch};
  if (request.state() != v1::Delivery::STATE_UNSPECIFIED) {
    query.state = static_cast<DeliveryState>(request.state());
  }
  if (!request.alert().empty()) {
    OREWATCH_ASSIGN_OR_RETURN(query.alert_id, ParseAlertName("alert", request.alert()));
  }
  return query;
}

// A delivery of an alert that the caller may not see is for him as if it did not exist.
bool IsVisible(const Delivery& delivery, const Asker& asker, const AlertEngine& engine) {
  Position position;
  const std::optional<RuledAlert> alert = engine.view().FindAlert(delivery.alert_id, position);
  return alert.has_value() && alert->alert.VisibleTo(asker.principal);
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

absl::StatusOr<v1::ListDeliveriesResponse> ListDeliveries(const v1::ListDeliveriesRequest& request, const Asker& asker,
                                                          const AlertEngine& engine) {
  OREWATCH_ASSIGN_OR_RETURN(const size_t page_size, PageSize(request.page_size(), kDefaultPageSize));
  OREWATCH_ASSIGN_OR_RETURN(DeliveryQuery query, Parse(request));
  Pages pages(QueryText(request, asker.principal), asker, engine.identity());
  OREWATCH_ASSIGN_OR_RETURN(const std::optional<std::string> begin, pages.Begin(request.page_token()));
  if (begin.has_value()) {
    OREWATCH_ASSIGN_OR_RETURN(query.after, ReadRank(*begin));
  }
  v1::ListDeliveriesResponse response;
  for (size_t looked = 0; looked < kMaxLookedAt;) {
    OREWATCH_ASSIGN_OR_RETURN(const std::vector<Delivery> batch, engine.store().deliveries().ListDeliveries(query));
    for (const Delivery& delivery : batch) {
      if (static_cast<size_t>(response.deliveries_size()) == page_size) {
        response.set_next_page_token(pages.After(Write(*query.after)));
        return response;
      }
      query.after = DeliveryRank{delivery.sequence, delivery.target};
      if (IsVisible(delivery, asker, engine)) {
        *response.add_deliveries() = ToProto(delivery);
      }
    }
    if (static_cast<int64_t>(batch.size()) < kBatch) {
      return response;
    }
    looked += batch.size();
  }
  response.set_next_page_token(pages.After(Write(*query.after)));
  return response;
}

absl::StatusOr<v1::Delivery> ReplayDelivery(const v1::ReplayDeliveryRequest& request, const Asker& asker,
                                            const AlertEngine& engine) {
  FieldViolations violations;
  if (request.sequence() <= 0) {
    violations.Add("sequence", "must be that of a change");
  }
  if (request.target().empty()) {
    violations.Add("target", "must name alertmanager or a webhook");
  }
  OREWATCH_RETURN_IF_ERROR(violations.ToStatus());
  DeliveryStore& store = engine.store().deliveries();
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<Delivery> found,
                            store.ListDeliveries({.target = request.target(),
                                                  .after = DeliveryRank{.sequence = request.sequence(), .target = ""},
                                                  .limit = 1}));
  if (found.empty() || found[0].sequence != request.sequence() || !IsVisible(found[0], asker, engine)) {
    return NoDelivery(request.sequence(), request.target());
  }
  OREWATCH_ASSIGN_OR_RETURN(const Delivery replayed,
                            store.ReplayDelivery(request.sequence(), request.target(), asker.now));
  return ToProto(replayed);
}

}  // namespace orewatch::alerting
