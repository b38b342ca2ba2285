// Fields that messages of the registry share, as plain values.
#pragma once

#include <set>
#include <string>

#include "orewatch/type/v1/types.pb.h"
#include "services/risk/domain/facts.h"
#include "services/risk/domain/readers.h"

namespace orewatch::risk {

Provenance ProvenanceOf(const type::v1::Provenance& provenance);

// ISO text with the precision that is known; sorts by time. Empty: no date.
std::string DateText(const type::v1::PartialDate& date);

// `AU` of `countries/AU`, `EU` of `blocs/EU`.
std::string CodeOf(const std::string& name);

template <typename Names>
std::set<std::string> CodesOf(const Names& names) {
  std::set<std::string> codes;
  for (const std::string& name : names) {
    codes.insert(CodeOf(name));
  }
  return codes;
}

Readers ReadersOf(const type::v1::Visibility& visibility);

}  // namespace orewatch::risk
