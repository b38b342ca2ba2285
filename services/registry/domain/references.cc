#include "services/registry/domain/references.h"

#include <string>
#include <utility>

#include "services/registry/domain/field_values.h"
#include "services/registry/domain/kinds.h"
#include "services/registry/domain/name_fields.h"
#include "services/registry/domain/resource_names.h"

namespace orewatch::registry {
namespace {

void AddCountry(const std::string& path, const std::string& code, std::vector<Reference>& references) {
  if (code != kOtherCountries) {
    references.push_back({path, CountryName(code)});
  }
}

// Statistics hold codes of countries, since those of other countries (ZZ) have no resource.
std::vector<Reference> ReferencesOfStatistic(const v1::Statistic& statistic) {
  std::vector<Reference> references;
  if (statistic.has_production()) {
    references.push_back({"production.mineral", statistic.production().mineral()});
    AddCountry("production.country", statistic.production().country(), references);
  } else if (statistic.has_trade()) {
    references.push_back({"trade.mineral", statistic.trade().mineral()});
    AddCountry("trade.exporter", statistic.trade().exporter(), references);
    AddCountry("trade.importer", statistic.trade().importer(), references);
  } else if (statistic.has_governance()) {
    AddCountry("governance.country", statistic.governance().country(), references);
  } else if (statistic.has_reserves()) {
    references.push_back({"reserves.mineral", statistic.reserves().mineral()});
    AddCountry("reserves.country", statistic.reserves().country(), references);
  } else if (statistic.has_indicator()) {
    references.push_back({"indicator.subject", statistic.indicator().subject()});
  }
  return references;
}

}  // namespace

std::vector<Reference> ReferencesOf(const v1::Entry& entry) {
  if (entry.has_statistic()) {
    return ReferencesOfStatistic(entry.statistic());
  }
  std::vector<Reference> references;
  const auto kind = KindOf(entry);
  if (!kind.has_value()) {
    return references;
  }
  const auto& resource = MessageIn(*kind, entry);
  if (const auto name = ParseResourceName(NameIn(resource)); name.ok() && !name->ParentName().empty()) {
    references.push_back({"name", name->ParentName()});
  }
  VisitValues(resource, [&references](const FieldValue& value) {
    if (!KindsNamedBy(value.field).empty()) {
      if (std::string name = value.Text(); ParseResourceName(name).ok()) {
        references.push_back({value.Path(), std::move(name)});
      }
    }
    return value.field.is_map() ? Onward::kPastField : Onward::kInto;
  });
  return references;
}

}  // namespace orewatch::registry
