#include "services/ctl/import/sink.h"

namespace orewatch::ctl {

absl::Status FileOutput::Add(int64_t line, registry::v1::Entry entry) {
  registry::v1::ImportRequest::Row row;
  row.set_file(file_);
  row.set_line(line);
  *row.mutable_entry() = std::move(entry);
  return sink_.Add(std::move(row));
}

void FileOutput::Reject(int64_t line, absl::string_view field, absl::string_view reason) {
  sink_.Report({Outcome::kRejected, file_, line, std::string(field), std::string(reason)});
}

void FileOutput::LeaveOut(int64_t line, absl::string_view field, absl::string_view reason) {
  sink_.Report({Outcome::kLeftOut, file_, line, std::string(field), std::string(reason)});
}

}  // namespace orewatch::ctl
