#include "services/ctl/import/official/usgs_heading.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace orewatch::ctl {
namespace {

constexpr absl::string_view kBegin = "(Data in ";
constexpr absl::string_view kEnd = "unless otherwise specified";

}  // namespace

absl::optional<Counted> CountedBy(absl::string_view heading) {
  const size_t begin = heading.find(kBegin);
  const size_t end = heading.find(kEnd);
  if (begin == absl::string_view::npos || end == absl::string_view::npos || end < begin + kBegin.size()) {
    return absl::nullopt;
  }
  absl::string_view text =
      absl::StripAsciiWhitespace(heading.substr(begin + kBegin.size(), end - begin - kBegin.size()));
  text = absl::StripSuffix(text, ",");
  const size_t comma = text.find(',');
  Counted counted;
  counted.scope =
      comma == absl::string_view::npos ? "" : std::string(absl::StripAsciiWhitespace(text.substr(comma + 1)));
  if (absl::StrContains(counted.scope, "equivalent")) {
    counted.basis = type::v1::BASIS_OXIDE_EQUIVALENT;
  } else {
    counted.basis = absl::StrContains(counted.scope, "content") ? type::v1::BASIS_CONTAINED : type::v1::BASIS_GROSS;
  }
  return counted;
}

}  // namespace orewatch::ctl
