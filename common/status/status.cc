#include "common/status/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/text/utf8.h"
#include "google/rpc/error_details.pb.h"

namespace orewatch {
namespace {

// Together with the rest they must fit into the 8 KiB that HTTP/2 headers may take.
constexpr size_t kMaxViolations = 20;
constexpr size_t kMaxViolationBytes = 100;

template <typename Detail>
std::string TypeUrl() {
  return absl::StrCat("type.googleapis.com/", Detail::descriptor()->full_name());
}

template <typename Detail>
void Attach(const Detail& detail, absl::Status& status) {
  status.SetPayload(TypeUrl<Detail>(), absl::Cord(detail.SerializeAsString()));
}

template <typename Detail>
bool Read(const absl::Status& status, Detail& detail) {
  auto payload = status.GetPayload(TypeUrl<Detail>());
  return payload.has_value() && detail.ParseFromString(std::string(*payload));
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                       const ErrorMetadata& metadata) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(kErrorDomain);
  for (const auto& [key, value] : metadata) {
    (*info.mutable_metadata())[key] = value;
  }
  Attach(info, status);
  return status;
}

absl::Status WithContext(const absl::Status& status, absl::string_view prefix, const ErrorMetadata& metadata) {
  absl::Status longer(status.code(), absl::StrCat(prefix, status.message()));
  status.ForEachPayload(
      [&longer](absl::string_view type, const absl::Cord& payload) { longer.SetPayload(type, payload); });
  google::rpc::ErrorInfo info;
  Read(status, info);
  for (const auto& [key, value] : metadata) {
    (*info.mutable_metadata())[key] = value;
  }
  Attach(info, longer);
  return longer;
}

absl::Status OverloadError(absl::string_view reason, absl::string_view message, absl::Duration retry_after) {
  absl::Status status = MakeError(absl::StatusCode::kResourceExhausted, reason, message);
  google::rpc::RetryInfo retry;
  const int64_t nanos = absl::ToInt64Nanoseconds(retry_after);
  constexpr int64_t kNanosPerSecond = 1'000'000'000;
  retry.mutable_retry_delay()->set_seconds(nanos / kNanosPerSecond);
  retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanos % kNanosPerSecond));
  Attach(retry, status);
  return status;
}

absl::Status InvalidField(absl::string_view field, absl::string_view description) {
  FieldViolations violations;
  violations.Add(field, description);
  return violations.ToStatus();
}

void FieldViolations::Add(absl::string_view field, absl::string_view description) {
  if (!full()) {
    violations_.emplace_back(std::string(field), std::string(description));
  }
}

// One more than is told, so that it can be told that there are more. A request may hold millions.
bool FieldViolations::full() const { return violations_.size() > kMaxViolations; }

void FieldViolations::AddAll(absl::string_view prefix, const absl::Status& status) {
  for (const auto& [field, description] : ViolationsOf(status)) {
    // Of what is wrong as a whole the prefix is the field.
    Add(field.empty() ? absl::StripSuffix(prefix, ".") : absl::StrCat(prefix, field), description);
  }
}

absl::Status FieldViolations::ToStatus() const {
  if (violations_.empty()) {
    return absl::OkStatus();
  }
  std::string message = absl::StrCat(violations_.front().first, ": ", violations_.front().second);
  if (violations_.size() > 1) {
    absl::StrAppend(&message, full() ? " (and at least " : " (and ", violations_.size() - 1, " more)");
  }
  absl::Status status =
      MakeError(absl::StatusCode::kInvalidArgument, "INVALID_FIELD", message, {{"field", violations_.front().first}});
  google::rpc::BadRequest bad_request;
  for (const auto& [field, description] : violations_) {
    if (static_cast<size_t>(bad_request.field_violations_size()) == kMaxViolations) {
      break;
    }
    auto* violation = bad_request.add_field_violations();
    violation->set_field(std::string(CutToBytes(field, kMaxViolationBytes)));
    violation->set_description(std::string(CutToBytes(description, kMaxViolationBytes)));
  }
  Attach(bad_request, status);
  return status;
}

std::string RequestIdOf(const absl::Status& status) {
  google::rpc::RequestInfo request;
  return Read(status, request) ? request.request_id() : "";
}

std::string ErrorReason(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  return Read(status, info) ? info.reason() : "";
}

std::vector<std::pair<std::string, std::string>> ViolationsOf(const absl::Status& status) {
  std::vector<std::pair<std::string, std::string>> violations;
  google::rpc::BadRequest bad_request;
  if (Read(status, bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      violations.emplace_back(violation.field(), violation.description());
    }
  }
  return violations;
}

}  // namespace orewatch
