#include "services/registry/domain/references.h"

#include "absl/strings/str_cat.h"
#include "services/registry/domain/kinds.h"
#include "services/registry/domain/name_fields.h"
#include "services/registry/domain/resource_names.h"

namespace orewatch::registry {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void AddIfName(const std::string& path, const std::string& text, std::vector<Reference>& references) {
  if (ParseResourceName(text).ok()) {
    references.push_back({path, text});
  }
}

void Collect(const Message& message, const std::string& prefix, std::vector<Reference>& references) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool nested = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (field->is_map() || (!nested && KindsNamedBy(*field).empty())) {
      continue;
    }
    const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      const std::string path =
          absl::StrCat(prefix, field->name(), field->is_repeated() ? absl::StrCat("[", i, "]") : "");
      if (nested) {
        Collect(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                     : reflection->GetMessage(message, field),
                absl::StrCat(path, "."), references);
      } else {
        AddIfName(path,
                  field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                       : reflection->GetString(message, field),
                  references);
      }
    }
  }
}

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
  const Message& resource = MessageIn(*kind, entry);
  if (const auto name = ParseResourceName(NameIn(resource)); name.ok() && !name->ParentName().empty()) {
    references.push_back({"name", name->ParentName()});
  }
  Collect(resource, "", references);
  return references;
}

}  // namespace orewatch::registry
