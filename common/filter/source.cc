#include "common/filter/source.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/text/utf8.h"

namespace orewatch::filter {
namespace {

// Errors travel in HTTP/2 headers.
constexpr size_t kMaxQuotedBytes = 40;

}  // namespace

absl::Status Source::Error(size_t offset, absl::string_view description) const {
  return Error(absl::StrCat("column ", CountCharacters(text_.substr(0, offset)) + 1, ": ", description));
}

absl::Status Source::Error(absl::string_view description) const { return InvalidField(field_, description); }

std::string Quoted(absl::string_view text) {
  const absl::string_view shown = CutToBytes(text, kMaxQuotedBytes);
  return absl::StrCat("'", absl::Utf8SafeCHexEscape(shown), shown.size() < text.size() ? "...'" : "'");
}

}  // namespace orewatch::filter
