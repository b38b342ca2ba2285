// What a value takes for granted where it does not know.
#pragma once

#include <string>
#include <vector>

#include "services/risk/domain/score.h"

namespace orewatch::risk {

// Whole sentences, one an assumption, from the method and the reasons of the score. None for a score without a value.
std::vector<std::string> AssumptionsOf(const Score& score);

}  // namespace orewatch::risk
