#include "services/ctl/client/importer.h"

#include "common/rpc/grpc_status.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "services/ctl/import/loader.h"

namespace orewatch::ctl {

using registry::v1::ImportRequest;
using registry::v1::ImportResponse;
using registry::v1::Registry;

absl::StatusOr<ImportResponse> SendRows(const Client& client, const std::vector<ImportRequest::Row>& rows,
                                        const ImportMode& mode, absl::FunctionRef<void(size_t)> sent) {
  const auto stub = Registry::NewStub(client.ChannelOf(kRegistry));
  grpc::ClientContext context;
  client.LimitTransfer(context);
  ImportResponse response;
  const auto writer = stub->Import(&context, &response);
  size_t begin = 0;
  bool open = true;
  while (open && begin < rows.size()) {
    const size_t end = BatchEnd(rows, begin);
    ImportRequest request;
    // Checked as one set: a registry that commits nothing cannot resolve what refers to rows of an earlier revision.
    request.set_atomic(mode.atomic || mode.validate_only);
    request.set_validate_only(mode.validate_only);
    for (size_t i = begin; i < end; ++i) {
      *request.add_rows() = rows[i];
    }
    open = writer->Write(request);
    sent(end - begin);
    begin = end;
  }
  // A stream that the server closed early has its reason in the status.
  writer->WritesDone();
  const absl::Status status = rpc::FromGrpc(writer->Finish());
  return status.ok() ? absl::StatusOr<ImportResponse>(response) : status;
}

}  // namespace orewatch::ctl
