// ListDeliveries and ReplayDelivery.
#pragma once

#include "absl/status/statusor.h"
#include "orewatch/alerting/v1/alerting.pb.h"
#include "services/alerting/api/pages.h"
#include "services/alerting/engine/alert_engine.h"

namespace orewatch::alerting {

v1::Delivery ToProto(const Delivery& delivery);

// INVALID_ARGUMENT; FAILED_PRECONDITION with reason PAGE_TOKEN_EXPIRED; and as the store.
absl::StatusOr<v1::ListDeliveriesResponse> ListDeliveries(const v1::ListDeliveriesRequest& request, const Asker& asker,
                                                          const AlertEngine& engine);
// INVALID_ARGUMENT, NOT_FOUND, and as the store.
absl::StatusOr<v1::Delivery> ReplayDelivery(const v1::ReplayDeliveryRequest& request, const Asker& asker,
                                            const AlertEngine& engine);

}  // namespace orewatch::alerting
