// A sink for tests and fuzzers: keeps what it is given.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/ctl/import/sink.h"

namespace orewatch::ctl {

struct CollectingSink : public ImportSink {
  absl::Status Add(registry::v1::ImportRequest::Row row) override {
    rows.push_back(std::move(row));
    return absl::OkStatus();
  }
  void Report(Finding finding) override {
    (finding.outcome == Outcome::kRejected ? rejected : left_out).push_back(std::move(finding));
  }
  void Advance(int64_t by) override { bytes += by; }

  // As `line field: reason`.
  static std::vector<std::string> TextOf(const std::vector<Finding>& findings) {
    std::vector<std::string> text;
    text.reserve(findings.size());
    for (const Finding& finding : findings) {
      text.push_back(absl::StrCat(finding.line, " ", finding.field, ": ", finding.reason));
    }
    return text;
  }

  std::vector<registry::v1::ImportRequest::Row> rows;
  std::vector<Finding> rejected;
  std::vector<Finding> left_out;
  int64_t bytes = 0;
};

}  // namespace orewatch::ctl
