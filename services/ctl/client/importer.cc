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

constexpr int kMaxRejectionsNamed = 10'000;

}  // namespace

// One call of Import.
class RowSender::Call {
 public:
  explicit Call(const Client& client) : stub_(Registry::NewStub(client.ChannelOf(kRegistry))) {
    client.LimitTransfer(context_);
    writer_ = stub_->Import(&context_, &response_);
  }

  absl::Status Write(const ImportRequest& request) {
    return writer_->Write(request) ? absl::OkStatus() : absl::CancelledError("the registry takes no more rows");
  }

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
  if (mode_.validate_only && rows_of_call_ >= mode_.rows_of_dry_run) {
    OREWATCH_RETURN_IF_ERROR(NextCall());
  }
  if (!batch_.Fits(row)) {
    OREWATCH_RETURN_IF_ERROR(Send());
  }
  ++rows_of_call_;
  if (mode_.validate_only && !row.entry().has_statistic()) {
    resources_.push_back(row);
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
  if (!abandoned_ && (call_ != nullptr || !batch_.empty())) {
    OREWATCH_ASSIGN_OR_RETURN(const ImportResponse report, EndCall());
    AddReport(report);
  }
  return report_;
}

absl::Status RowSender::Send() {
  if (call_ == nullptr) {
    call_ = std::make_unique<Call>(client_);
  }
  ImportRequest request = batch_.Take();
  // Checked as one set: a registry that commits nothing cannot resolve what refers to rows of an earlier revision.
  request.set_atomic(mode_.atomic || mode_.validate_only);
  request.set_validate_only(mode_.validate_only);
  return call_->Write(request);
}

absl::StatusOr<ImportResponse> RowSender::EndCall() {
  if (!batch_.empty()) {
    // If the stream is closed, the call's own status says why.
    (void)Send();
  }
  absl::StatusOr<ImportResponse> report = call_->Finish();
  call_.reset();
  return report;
}

absl::Status RowSender::NextCall() {
  OREWATCH_ASSIGN_OR_RETURN(const ImportResponse report, EndCall());
  AddReport(report);
  report_of_resources_.Clear();
  if (!resources_.empty()) {
    OREWATCH_RETURN_IF_ERROR(SendResources());
    OREWATCH_ASSIGN_OR_RETURN(report_of_resources_, EndCall());
  }
  return SendResources();
}

absl::Status RowSender::SendResources() {
  for (const ImportRequest::Row& row : resources_) {
    if (!batch_.Fits(row)) {
      OREWATCH_RETURN_IF_ERROR(Send());
    }
    batch_.Add(row);
  }
  rows_of_call_ = 0;
  return absl::OkStatus();
}

void RowSender::AddReport(const ImportResponse& report) {
  // A later call repeats what was said of the resources.
  const ImportResponse& known = report_of_resources_;
  report_.set_created(report_.created() + report.created() - known.created());
  report_.set_updated(report_.updated() + report.updated() - known.updated());
  report_.set_unchanged(report_.unchanged() + report.unchanged() - known.unchanged());
  report_.set_rejected(report_.rejected() + report.rejected() - known.rejected());
  for (int i = known.rejections_size(); i < report.rejections_size() && report_.rejections_size() < kMaxRejectionsNamed;
       ++i) {
    *report_.add_rejections() = report.rejections(i);
  }
  *report_.mutable_revision() = report.revision();
}

}  // namespace orewatch::ctl
