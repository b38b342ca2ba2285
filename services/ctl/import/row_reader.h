// Files of our own form to entries of the registry.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/import/columns.h"
#include "services/ctl/import/file_reader.h"
#include "services/ctl/import/header.h"
#include "services/ctl/import/sink.h"

namespace orewatch::ctl {

// A row of statistics is one entry, given at once. Rows of one resource are merged into one entry, which bears the line
// of the first; resources are held to the end, and one with a bad row is left out as a whole.
class RowReader : public FileReader {
 public:
  // Both outlive it.
  RowReader(const FileKind& kind, FileOutput& output) : kind_(kind), output_(output) {}

  bool ReadHeader(int64_t line, const std::vector<std::string>& fields) override;
  absl::Status ReadRecord(int64_t line, const std::vector<std::string>& fields) override;
  absl::Status Finish() override;

 private:
  struct Held {
    int64_t line = 0;
    registry::v1::Entry entry;
  };

  // True if every cell was good.
  bool FillResource(int64_t line, const std::vector<std::string>& fields, google::protobuf::Message& resource);
  bool FillCell(int64_t line, const Column& column, absl::string_view text, google::protobuf::Message& resource);
  bool FillDefaults(int64_t line, const std::vector<std::string>& fields, google::protobuf::Message& resource);
  // An error is of the column that `blamed` is set to.
  absl::StatusOr<std::string> ReadName(const std::vector<std::string>& fields, absl::string_view& blamed) const;
  void Keep(int64_t line, const std::string& name, registry::v1::Entry entry);
  void NoteUnknown(int64_t line);
  bool Known(absl::string_view header) const;
  // Whether the column fills a field in this file.
  bool Fills(const Column& column) const;

  const FileKind& kind_;
  FileOutput& output_;
  Header header_;
  std::vector<Held> held_;
  absl::flat_hash_map<std::string, size_t> position_of_name_;
  absl::flat_hash_set<std::string> bad_names_;
  // The first row of a resource that it does not name: any of them, so that none is whole for certain. 0: none.
  int64_t unknown_line_ = 0;
};

}  // namespace orewatch::ctl
