#include <algorithm>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "orewatch/alerting/v1/delivery.pb.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/commands/alert_commands.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/render/delivery_text.h"

namespace orewatch::ctl {
namespace {

using namespace alerting::v1;  // NOLINT(google-build-using-namespace): every request of the file.

constexpr int kPageSize = 1000;

absl::StatusOr<Delivery::State> DeliveryStateOf(const Options& options) {
  if (options.state.empty() || options.state == "all") {
    return Delivery::STATE_UNSPECIFIED;
  }
  const absl::StatusOr<int> state = ParseEnum(*Delivery::State_descriptor(), options.state);
  if (!state.ok()) {
    return UsageError(absl::StrCat("--state: ", state.status().message(), ", all"));
  }
  return static_cast<Delivery::State>(*state);
}

}  // namespace

absl::Status ListDeliveries(const Session& session) {
  ListDeliveriesRequest request;
  OREWATCH_ASSIGN_OR_RETURN(const Delivery::State state, DeliveryStateOf(session.options));
  request.set_state(state);
  const int limit = session.options.limit;
  ListDeliveriesResponse all;
  do {
    request.set_page_size(limit == 0 ? kPageSize : std::min(limit - all.deliveries_size(), kPageSize));
    OREWATCH_ASSIGN_OR_RETURN(auto page,
                              session.client.Call<ListDeliveriesResponse>(kAlerting, "ListDeliveries", request));
    request.set_page_token(page.next_page_token());
    page.clear_next_page_token();
    all.MergeFrom(page);
  } while (!request.page_token().empty() && (limit == 0 || all.deliveries_size() < limit));
  session.out << Rendered(session.options.format, all, [&] { return DeliveryTable(all.deliveries()); });
  return absl::OkStatus();
}

absl::Status ReplayDelivery(const Session& session) {
  int64_t sequence = 0;
  if (!absl::SimpleAtoi(session.words[1], &sequence)) {
    return UsageError(absl::StrCat("\"", session.words[1], "\" is no sequence number"));
  }
  ReplayDeliveryRequest request;
  request.set_sequence(sequence);
  request.set_target(session.words[2]);
  OREWATCH_ASSIGN_OR_RETURN(const auto delivery, session.client.Call<Delivery>(kAlerting, "ReplayDelivery", request));
  google::protobuf::RepeatedPtrField<Delivery> one;
  *one.Add() = delivery;
  session.out << Rendered(session.options.format, delivery, [&] { return DeliveryTable(one); });
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
