// The end of a benchmark that measures nothing.
#pragma once

#include <string>

namespace orewatch::bench {

[[noreturn]] void Die(const std::string& what);

}  // namespace orewatch::bench
