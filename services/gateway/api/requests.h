// What is wrong with a request before anybody is asked.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "orewatch/gateway/v1/gateway.pb.h"

namespace orewatch::gateway {

// `countries/{country}` or `blocs/{bloc}`.
bool IsImporterName(absl::string_view name);

// INVALID_ARGUMENT naming each offending field.
absl::Status Check(const v1::GetOverviewRequest& request);
absl::Status Check(const v1::GetMineralBriefRequest& request);
absl::Status Check(const v1::GetCountryBriefRequest& request);
absl::Status Check(const v1::GetSupplierBriefRequest& request);
absl::Status Check(const v1::GetProjectBriefRequest& request);
absl::Status Check(const v1::SearchRequest& request);
absl::Status Check(const v1::WatchFeedRequest& request);

}  // namespace orewatch::gateway
