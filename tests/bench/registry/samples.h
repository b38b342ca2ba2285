// What the benchmarks keep in a registry.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::bench {

inline constexpr int64_t kFacilitiesPerSupplier = 1000;

std::string SupplierName(int64_t supplier);
// What facilities and figures refer to: countries, minerals and suppliers, so many that there is room for the
// facilities.
std::vector<registry::v1::Entry> ContextFor(int64_t facilities);
// Facility `number`, whose name grows with it; about 300 bytes, or a little more than asked for.
registry::v1::Entry FacilityEntry(int64_t number, size_t bytes = 0);
// One figure of production; the key grows with the number.
registry::v1::Entry FigureEntry(int64_t number);

}  // namespace orewatch::bench
