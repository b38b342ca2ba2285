#include "services/ctl/client/importer.h"

#include <utility>

#include "common/rpc/grpc_status.h"
#include "common/status/status.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"

namespace orewatch::ctl {
namespace {

using registry::v1::ImportRequest;
using registry::v1::ImportResponse;
using registry::v1::Registry;

}  // namespace

// One call of Import.
class RowSender::Call {
 public:
  explicit Call(const Client& client) : stub_(Registry::NewStub(client.ChannelOf(kRegistry))) {
    client.LimitTransfer(context_);
    writer_ = stub_->Import(&context_, &response_);
  }

  // False: the registry has ended the call.
  bool Write(const ImportRequest& request) { return writer_->Write(request); }

  void Cancel() { context_.TryCancel(); }

  absl::StatusOr<ImportResponse> Finish() {
    // A stream that the server closed early has its reason in the status.
    writer_->WritesDone();
    const absl::Status status = rpc::FromGrpc(writer_->Finish());
    return status.ok() ? absl::StatusOr<ImportResponse>(response_) : status;
  }

 private:
  std::unique_ptr<Registry::Stub> stub_;
  grpc::ClientContext context_;
  ImportResponse response_;
  std::unique_ptr<grpc::ClientWriter<ImportRequest>> writer_;
};

RowSender::RowSender(const Client& client, const ImportMode& mode) : client_(client), mode_(mode) {}

RowSender::~RowSender() { Abandon(); }

absl::Status RowSender::Add(ImportRequest::Row row) {
  if (abandoned_) {
    return absl::OkStatus();
  }
  if (!batch_.Fits(row)) {
    OREWATCH_RETURN_IF_ERROR(Send());
  }
  batch_.Add(std::move(row));
  return absl::OkStatus();
}

void RowSender::Abandon() {
  abandoned_ = true;
  if (call_ != nullptr) {
    call_->Cancel();
    // The registry's answer to a call that is given up tells nothing.
    (void)call_->Finish();
    call_.reset();
  }
}

absl::StatusOr<ImportResponse> RowSender::Finish() {
  if (!abandoned_ && !batch_.empty()) {
    OREWATCH_RETURN_IF_ERROR(Send());
  }
  return call_ == nullptr ? ImportResponse() : std::exchange(call_, nullptr)->Finish();
}

absl::Status RowSender::Send() {
  if (call_ == nullptr) {
    call_ = std::make_unique<Call>(client_);
  }
  ImportRequest request = batch_.Take();
  request.set_atomic(mode_.atomic);
  request.set_validate_only(mode_.validate_only);
  if (call_->Write(request)) {
    return absl::OkStatus();
  }
  // The registry has ended the call, and its status says why.
  abandoned_ = true;
  const absl::StatusOr<ImportResponse> answer = std::exchange(call_, nullptr)->Finish();
  return answer.ok() ? absl::CancelledError("the registry takes no more rows") : answer.status();
}

}  // namespace orewatch::ctl
