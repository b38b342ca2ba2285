// The text of a request field that holds an expression, and errors that point into it.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orewatch::filter {

// Neither the name of the field nor its text is copied: both outlive the source.
class Source {
 public:
  Source(absl::string_view field, absl::string_view text) : field_(field), text_(text) {}

  absl::string_view text() const { return text_; }
  // INVALID_ARGUMENT that blames the field and begins with the column of the byte at `offset`. Columns count
  // characters from 1.
  absl::Status Error(size_t offset, absl::string_view description) const;
  // The same about the text as a whole.
  absl::Status Error(absl::string_view description) const;

 private:
  absl::string_view field_;
  absl::string_view text_;
};

// The text between quotation marks as errors show it: short, and on one line.
std::string Quoted(absl::string_view text);

}  // namespace orewatch::filter
