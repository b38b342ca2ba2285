// What an import did, told while it goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>

#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/import/sink.h"
#include "services/ctl/render/format.h"

namespace orewatch::ctl {

// Takes every row that was not sent or not taken, and at the end the counts. Memory is bounded, whatever the number of
// rows. Thread-compatible.
class ImportReport {
 public:
  virtual ~ImportReport() = default;

  void Add(const Finding& finding);
  // The registry's report closes it; null: there is none, since the import failed.
  void Finish(const registry::v1::ImportResponse* response);
  int64_t rejected() const { return rejected_; }
  int64_t left_out() const { return left_out_; }
  // Of the rejected, those that the registry counts without naming them.
  int64_t unnamed() const { return unnamed_; }

 protected:
  virtual void Tell(const Finding& finding) = 0;
  // `counts` is the registry's report, without the rows and with those rejected here; null: there is none.
  virtual void Close(const registry::v1::ImportResponse* counts) = 0;

 private:
  int64_t rejected_ = 0;
  int64_t left_out_ = 0;
  int64_t unnamed_ = 0;
};

// As a table the rows are counted by file, field and reason; otherwise each is written as soon as it is known. `out`
// outlives the report.
std::unique_ptr<ImportReport> NewImportReport(Format format, bool validate_only, std::ostream& out);

}  // namespace orewatch::ctl
