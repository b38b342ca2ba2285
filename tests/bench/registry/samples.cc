#include "tests/bench/registry/samples.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace orewatch::bench {
namespace {

using registry::v1::Entry;
using registry::v1::Facility;

constexpr std::array<const char*, 8> kCountries = {"AU", "BR", "CA", "CD", "CL", "CN", "ID", "ZA"};
constexpr std::array<const char*, 6> kMinerals = {"cobalt", "copper", "graphite", "lithium", "nickel", "rare-earths"};
constexpr std::array<const char*, 10> kWords = {"North", "Ridge",   "Silver", "Creek", "Mount",
                                                "Salar", "Harbour", "Valley", "Lake",  "Stone"};

template <size_t count>
const char* Pick(const std::array<const char*, count>& choices, int64_t number) {
  return choices.at(static_cast<size_t>(number) % count);
}

void SetProvenance(type::v1::Provenance& provenance) {
  provenance.set_source("operator-report");
  provenance.set_as_of("2026-06-30");
  provenance.set_licence("CC-BY-4.0");
}

}  // namespace

std::string SupplierName(int64_t supplier) { return absl::StrFormat("suppliers/s-%06d", supplier); }

std::vector<Entry> ContextFor(int64_t facilities) {
  std::vector<Entry> entries;
  for (const char* country : kCountries) {
    auto& added = *entries.emplace_back().mutable_country();
    added.set_name(absl::StrCat("countries/", country));
    added.set_display_name(country);
    SetProvenance(*added.mutable_provenance());
  }
  for (const char* mineral : kMinerals) {
    auto& added = *entries.emplace_back().mutable_mineral();
    added.set_name(absl::StrCat("minerals/", mineral));
    added.set_display_name(mineral);
    SetProvenance(*added.mutable_provenance());
  }
  for (int64_t i = 0; i * kFacilitiesPerSupplier < facilities; ++i) {
    auto& added = *entries.emplace_back().mutable_supplier();
    added.set_name(SupplierName(i));
    added.set_display_name(absl::StrCat(Pick(kWords, i), " Mining ", i));
    added.set_country(absl::StrCat("countries/", Pick(kCountries, i)));
    SetProvenance(*added.mutable_provenance());
  }
  return entries;
}

Entry FacilityEntry(int64_t number, size_t bytes) {
  constexpr int64_t kStatuses = 5;
  Entry entry;
  Facility& facility = *entry.mutable_facility();
  facility.set_name(
      absl::StrCat(SupplierName(number / kFacilitiesPerSupplier), "/facilities/", absl::StrFormat("f-%09d", number)));
  facility.set_display_name(
      absl::StrCat(Pick(kWords, number), " ", Pick(kWords, number / 10), " ", Pick(kWords, number / 100), " Mine"));
  facility.set_country(absl::StrCat("countries/", Pick(kCountries, number)));
  facility.set_latitude(static_cast<double>(number % 90));
  facility.set_longitude(static_cast<double>(number % 180));
  facility.set_status(static_cast<Facility::Status>(1 + number % kStatuses));
  facility.set_operator_(SupplierName(number / kFacilitiesPerSupplier));
  SetProvenance(*facility.mutable_provenance());
  do {
    auto& output = *facility.add_outputs();
    output.set_mineral(absl::StrCat("minerals/", Pick(kMinerals, number + facility.outputs_size())));
    output.set_stage(type::v1::STAGE_MINE);
    output.set_product("concentrate");
    output.set_grade("2.5 % contained metal, dry");
    output.set_capacity_tonnes_per_year(static_cast<double>(number % 100'000 + facility.outputs_size()));
    output.set_basis(type::v1::BASIS_CONTAINED);
  } while (facility.ByteSizeLong() < bytes);
  return entry;
}

Entry FigureEntry(int64_t number) {
  constexpr int64_t kCountryCount = kCountries.size();
  constexpr int kYear = 2024;
  Entry entry;
  auto& statistic = *entry.mutable_statistic();
  statistic.set_dataset(absl::StrFormat("survey-%09d", number / kCountryCount));
  statistic.set_year(kYear);
  statistic.mutable_production()->set_mineral(absl::StrCat("minerals/", kMinerals.front()));
  statistic.mutable_production()->set_stage(type::v1::STAGE_MINE);
  statistic.mutable_production()->set_country(Pick(kCountries, number));
  statistic.mutable_production()->set_product("concentrate");
  statistic.mutable_quantity()->set_tonnes(static_cast<double>(number));
  statistic.mutable_quantity()->set_basis(type::v1::BASIS_CONTAINED);
  SetProvenance(*statistic.mutable_provenance());
  return entry;
}

}  // namespace orewatch::bench
