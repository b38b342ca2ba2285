// Who may read a fact that is not public.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace orewatch::risk {

class Readers {
 public:
  // Everybody.
  Readers() = default;
  // `names` has at least one.
  explicit Readers(std::vector<std::string> names) : names_(std::move(names)) {}

  bool everybody() const { return names_.empty(); }
  bool Include(const std::string& principal) const {
    return everybody() || std::find(names_.begin(), names_.end(), principal) != names_.end();
  }
  bool operator==(const Readers&) const = default;

 private:
  std::vector<std::string> names_;
};

}  // namespace orewatch::risk
