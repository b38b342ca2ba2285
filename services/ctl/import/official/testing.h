// What the tests and fuzzers of official files share.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/import/collecting_sink.h"
#include "services/ctl/import/file_reader.h"
#include "services/ctl/import/known_names.h"
#include "services/ctl/import/official/mappings.h"
#include "services/ctl/import/official/statistic_output.h"

namespace orewatch::ctl {

// Reads a text, as a file of the name, with the reader that `make` makes of the tables and the output. What is
// malformed is a rejected row.
template <typename Make>
CollectingSink ReadOfficial(const std::string& file, const std::string& text, KnownNames known, const Make& make) {
  static const auto* const mappings = new Mappings(BuiltInMappings());
  CollectingSink sink;
  NotingSink noting(sink, known);
  FileOutput output(file, noting);
  StatisticOutput statistics(output, mappings->countries, known);
  auto reader = make(*mappings, statistics);
  std::istringstream stream(text);
  CsvOptions options;
  options.encoding = Encoding::kUtf8OrWindows1252;
  CsvReader csv(stream, options);
  std::vector<std::string> fields;
  absl::StatusOr<bool> more = csv.Next(fields);
  if (more.ok() && *more && reader.ReadHeader(csv.line(), fields)) {
    for (more = csv.Next(fields); more.ok() && *more; more = csv.Next(fields)) {
      if (absl::Status status = reader.ReadRecord(csv.line(), fields); !status.ok()) {
        more = status;
        break;
      }
    }
  }
  if (absl::Status status = reader.Finish(); !more.ok() || !status.ok()) {
    output.Reject(csv.line(), "", more.ok() ? status.message() : more.status().message());
  }
  return sink;
}

}  // namespace orewatch::ctl
