// Who may read a fact.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace orewatch::risk {

struct Readers {
  // The fact has no owner.
  bool everybody = true;
  // Else these; ascending, without repeats.
  std::vector<std::string> principals;

  bool Include(const std::string& principal) const {
    return everybody || std::binary_search(principals.begin(), principals.end(), principal);
  }
  bool operator==(const Readers&) const = default;
};

}  // namespace orewatch::risk
