// What is wrong with a field of a rule.
#pragma once

#include <string>

namespace orewatch::alerting {

// A field, by the name that it has in the contract, and what is wrong with it.
struct Violation {
  std::string field;
  std::string description;
};

}  // namespace orewatch::alerting
