// Rows of a CSV file to entries of the registry.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/import/columns.h"

namespace orewatch::ctl {

// What a file gave: rows to send, and what is wrong with the others.
struct ReadResult {
  std::vector<registry::v1::ImportRequest::Row> rows;
  std::vector<registry::v1::ImportResponse::Rejection> rejections;
};

// Reads a whole file. Rows of one resource are merged into one entry, which bears the line of the first; a resource
// with a bad row is left out. Rejections without a line concern the file as such. `file` is the name to report.
ReadResult ReadRows(const FileKind& kind, absl::string_view file, absl::string_view text);

// Reads one file row by row. Thread-compatible.
class RowReader {
 public:
  RowReader(const FileKind& kind, absl::string_view file) : kind_(kind), file_(file) {}

  // False: the header is unusable, and the rejections say why.
  bool ReadHeader(int64_t line, const std::vector<std::string>& fields);
  void ReadRow(int64_t line, const std::vector<std::string>& fields);
  void Reject(int64_t line, absl::string_view field, absl::string_view reason);
  // What is left is the reader's to destroy.
  ReadResult Finish() &&;

 private:
  // True if every cell was good.
  bool FillResource(int64_t line, const std::vector<std::string>& fields, google::protobuf::Message& resource);
  bool FillCell(int64_t line, const Column& column, absl::string_view text, google::protobuf::Message& resource);
  bool FillDefaults(int64_t line, const std::vector<std::string>& fields, google::protobuf::Message& resource);
  // Empty: a statistic, or an id is bad, which has been reported.
  std::string ReadName(int64_t line, const std::vector<std::string>& fields);
  void Keep(int64_t line, const std::string& name, registry::v1::Entry entry);
  absl::string_view CellOf(const Column& column, const std::vector<std::string>& fields) const;
  bool Known(absl::string_view header) const;

  const FileKind& kind_;
  std::string file_;
  absl::flat_hash_map<std::string, size_t> position_of_header_;
  size_t header_size_ = 0;
  absl::flat_hash_map<std::string, size_t> row_of_name_;
  absl::flat_hash_set<std::string> bad_names_;
  ReadResult result_;
};

}  // namespace orewatch::ctl
