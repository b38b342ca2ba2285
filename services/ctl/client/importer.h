// Sends rows to the registry.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/client/client.h"
#include "services/ctl/import/row_batch.h"

namespace orewatch::ctl {

struct ImportMode {
  bool atomic = false;
  bool validate_only = false;
};

// Sends rows as they come, in bounded messages, by one call. Thread-compatible; calls block.
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

  const Client& client_;
  const ImportMode mode_;
  RowBatch batch_;
  std::unique_ptr<Call> call_;
  bool abandoned_ = false;
};

}  // namespace orewatch::ctl
