// What a file is: told by its first line, whatever it is called.
#pragma once

#include "absl/strings/string_view.h"
#include "services/ctl/csv/csv_reader.h"
#include "services/ctl/import/columns.h"
#include "services/ctl/import/header.h"

namespace orewatch::ctl {

// In the order in which files must be read, so that what a row refers to is there before it.
enum class FileFormat {
  // A table by which official files are read.
  kMapping,
  // One of our own kinds.
  kOwn,
  kUsgs,
  kWgi,
  kBaci,
  kUnknown,
};

struct Recognised {
  FileFormat format = FileFormat::kUnknown;
  // Of our own; else null.
  const FileKind* kind = nullptr;
};

// The format that the header fits. Where it fits none, perhaps for a column that is wrong, the name of the file says
// which of our own kinds is meant.
Recognised Recognise(const Header& header, absl::string_view file_name);

// How a file of the format is written.
Encoding EncodingOf(FileFormat format);

}  // namespace orewatch::ctl
