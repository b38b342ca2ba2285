// Which minerals and countries are there already.
#pragma once

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "services/ctl/import/sink.h"

namespace orewatch::ctl {

// Names of the minerals and countries that the registry holds, or that have been given to the sink.
using KnownNames = absl::flat_hash_set<std::string>;

// Passes everything on, and remembers the minerals and countries among it. Both outlive it.
class NotingSink : public ImportSink {
 public:
  NotingSink(ImportSink& sink, KnownNames& known) : sink_(sink), known_(known) {}

  absl::Status Add(registry::v1::ImportRequest::Row row) override;
  void Report(Finding finding) override { sink_.Report(std::move(finding)); }
  void Advance(int64_t bytes) override { sink_.Advance(bytes); }

 private:
  ImportSink& sink_;
  KnownNames& known_;
};

}  // namespace orewatch::ctl
