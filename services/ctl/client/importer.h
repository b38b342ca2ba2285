// Sends rows to the registry.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/client/client.h"
#include "services/ctl/import/row_batch.h"

namespace orewatch::ctl {

struct ImportMode {
  bool atomic = false;
  bool validate_only = false;
  // Of one call of a dry run, with the resources that it repeats: below what the registry checks at once.
  size_t rows_of_dry_run = 100'000;
};

// Sends rows as they come, in bounded messages, and sums up what the registry reports. A dry run of many rows is
// checked in several calls, for the registry takes only so many at once; each call begins with the resources of the
// calls before, to which its rows may refer. Thread-compatible; calls block.
class RowSender {
 public:
  RowSender(const Client& client, const ImportMode& mode);
  ~RowSender();

  // An error means that no more rows are taken; Finish says why.
  absl::Status Add(registry::v1::ImportRequest::Row row);
  // Nothing of an atomic import that has not been finished is applied; rows that follow are dropped.
  void Abandon();
  // The report. Rejected rows are no error.
  absl::StatusOr<registry::v1::ImportResponse> Finish();

 private:
  class Call;

  absl::Status Send();
  absl::StatusOr<registry::v1::ImportResponse> EndCall();
  // Ends a call of a dry run and begins the next with the resources so far.
  absl::Status NextCall();
  // Opens a call that begins with the resources so far.
  absl::Status SendResources();
  void AddReport(const registry::v1::ImportResponse& report);

  const Client& client_;
  const ImportMode mode_;
  RowBatch batch_;
  std::unique_ptr<Call> call_;
  bool abandoned_ = false;
  registry::v1::ImportResponse report_;
  // Of a dry run: the resources so far, what the registry says of them alone, and the rows of this call.
  std::vector<registry::v1::ImportRequest::Row> resources_;
  registry::v1::ImportResponse report_of_resources_;
  size_t rows_of_call_ = 0;
};

}  // namespace orewatch::ctl
