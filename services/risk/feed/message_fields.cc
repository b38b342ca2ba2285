#include "services/risk/feed/message_fields.h"

#include <utility>
#include <vector>

#include "absl/strings/str_format.h"

namespace orewatch::risk {

Provenance ProvenanceOf(const type::v1::Provenance& provenance) {
  return {provenance.source(), provenance.as_of(), provenance.licence()};
}

std::string DateText(const type::v1::PartialDate& date) {
  if (date.year() == 0) {
    return "";
  }
  if (date.month() == 0) {
    return absl::StrFormat("%04d", date.year());
  }
  return date.day() == 0 ? absl::StrFormat("%04d-%02d", date.year(), date.month())
                         : absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::string CodeOf(const std::string& name) { return name.substr(name.find('/') + 1); }

Readers ReadersOf(const type::v1::Visibility& visibility) {
  if (visibility.owner().empty()) {
    return {};
  }
  std::set<std::string> names(visibility.readers().begin(), visibility.readers().end());
  names.insert(visibility.owner());
  return {false, {names.begin(), names.end()}};
}

}  // namespace orewatch::risk
