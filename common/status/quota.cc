#include "common/status/quota.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/rpc/error_details.pb.h"

namespace orewatch {

absl::Status QuotaError(absl::string_view reason, absl::string_view message, absl::Duration retry_after,
                        absl::string_view subject) {
  absl::Status status = OverloadError(reason, message, retry_after);
  google::rpc::QuotaFailure failure;
  auto& violation = *failure.add_violations();
  violation.set_subject(std::string(subject));
  violation.set_description(std::string(message));
  status.SetPayload(absl::StrCat("type.googleapis.com/", failure.GetDescriptor()->full_name()),
                    absl::Cord(failure.SerializeAsString()));
  return status;
}

}  // namespace orewatch
