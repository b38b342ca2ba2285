#include "common/rpc/grpc_status.h"
#include "common/status/status.h"
#include "orewatch/registry/v1/registry.grpc.pb.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/client/entry_sink.h"
#include "services/ctl/client/progress.h"
#include "services/ctl/commands/command.h"

namespace orewatch::ctl {
namespace {

using registry::v1::ExportRequest;
using registry::v1::ExportResponse;
using registry::v1::Registry;

struct Exported {
  int64_t entries = 0;
  int64_t revision = 0;
  // The server said that nothing is missing.
  bool done = false;
};

absl::Status Receive(const Session& session, EntrySink& sink, Exported& exported) {
  const auto stub = Registry::NewStub(session.client.ChannelOf(kRegistry));
  grpc::ClientContext context;
  session.client.LimitTransfer(context);
  const auto reader = stub->Export(&context, ExportRequest());
  Progress progress(session.err, session.progress, "exporting", /*total=*/0, Progress::Unit::kRows);
  ExportResponse response;
  while (reader->Read(&response)) {
    for (const registry::v1::Entry& entry : response.entries()) {
      if (absl::Status status = sink.Add(entry); !status.ok()) {
        context.TryCancel();
        return status;
      }
    }
    exported.entries += response.entries_size();
    exported.revision = response.revision().number();
    exported.done = response.done();
    progress.Advance(response.entries_size());
  }
  return rpc::FromGrpc(reader->Finish());
}

}  // namespace

absl::Status RunExport(const Session& session) {
  // A table of everything helps nobody: a folder takes what import reads, and a file what apply reads.
  const Format otherwise = IsFolder(session.options.file) ? Format::kCsv : Format::kTextproto;
  const Format format = session.options.format_given ? session.options.format : otherwise;
  if (format == Format::kTable) {
    return UsageError("an export is textproto, json or csv");
  }
  OREWATCH_ASSIGN_OR_RETURN(const std::unique_ptr<EntrySink> sink, OpenSink(format, session.options.file, session.out));
  Exported exported;
  OREWATCH_RETURN_IF_ERROR(Receive(session, *sink, exported));
  if (!exported.done) {
    return MakeError(absl::StatusCode::kDataLoss, "EXPORT_CUT_SHORT", "the export ended before it was complete");
  }
  OREWATCH_RETURN_IF_ERROR(sink->Close());
  session.err << "exported " << exported.entries << " entries at revision " << exported.revision << "\n";
  return absl::OkStatus();
}

}  // namespace orewatch::ctl
