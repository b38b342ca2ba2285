#include "common/rpc/grpc_status.h"

#include <array>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace orewatch::rpc {
namespace {

// Headers are limited to 8 KiB as a whole; an error that does not fit would reach the caller as another error.
constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxDetailBytes = 5000;

constexpr std::array<const char*, kCodeCount> kCodeNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

// Cuts on a character boundary, so that the text stays valid UTF-8.
std::string Truncate(absl::string_view text, size_t limit) {
  if (text.size() <= limit) {
    return std::string(text);
  }
  constexpr unsigned char kContinuationMask = 0xC0;
  constexpr unsigned char kContinuation = 0x80;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & kContinuationMask) == kContinuation) {
    --limit;
  }
  return std::string(text.substr(0, limit));
}

constexpr char kRequestInfo[] = "type.googleapis.com/google.rpc.RequestInfo";

}  // namespace

const char* CodeName(int code) {
  return code >= 0 && code < kCodeCount ? kCodeNames.at(static_cast<size_t>(code)) : "Unknown";
}

grpc::Status ToGrpc(const absl::Status& status, absl::string_view trace_id) {
  if (status.ok()) {
    return grpc::Status::OK;
  }
  // Both enumerations are google.rpc.Code.
  const auto code = static_cast<grpc::StatusCode>(status.code());
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(code));
  wire.set_message(Truncate(status.message(), kMaxMessageBytes));
  size_t detail_bytes = 0;
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    if (!trace_id.empty() && type_url == kRequestInfo) {
      return;
    }
    detail_bytes += type_url.size() + payload.size();
    if (detail_bytes <= kMaxDetailBytes) {
      auto* detail = wire.add_details();
      detail->set_type_url(std::string(type_url));
      detail->set_value(std::string(payload));
    }
  });
  if (!trace_id.empty()) {
    google::rpc::RequestInfo request;
    request.set_request_id(std::string(trace_id));
    auto* detail = wire.add_details();
    detail->set_type_url(kRequestInfo);
    detail->set_value(request.SerializeAsString());
  }
  return {code, wire.message(), wire.details_size() > 0 ? wire.SerializeAsString() : ""};
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) {
    return absl::OkStatus();
  }
  absl::Status converted(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status wire;
  if (wire.ParseFromString(status.error_details())) {
    for (const auto& detail : wire.details()) {
      converted.SetPayload(detail.type_url(), absl::Cord(detail.value()));
    }
  }
  return converted;
}

}  // namespace orewatch::rpc
