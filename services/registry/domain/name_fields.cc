#include "services/registry/domain/name_fields.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace orewatch::registry {
namespace {

using google::protobuf::FieldDescriptor;

const std::unordered_map<std::string, std::vector<Kind>>& NameFields() {
  static const auto* fields = new std::unordered_map<std::string, std::vector<Kind>>{
      {"country", {Kind::kCountry}},
      {"imposer", {Kind::kCountry}},
      {"destinations", {Kind::kCountry, Kind::kBloc}},
      {"mineral", {Kind::kMineral}},
      {"host_mineral", {Kind::kMineral}},
      {"minerals", {Kind::kMineral}},
      {"members", {Kind::kMineral}},
      {"supplier", {Kind::kSupplier}},
      {"operator", {Kind::kSupplier}},
      {"from", {Kind::kFacility, Kind::kSupplier}},
      {"to", {Kind::kFacility, Kind::kSupplier}},
      {"parties", {Kind::kCountry, Kind::kBloc}},
      {"holder", {Kind::kCountry, Kind::kBloc, Kind::kSupplier, Kind::kFacility}},
      {"qualified_alternates", {Kind::kFacility}},
      {"subject",
       {Kind::kMineral, Kind::kCountry, Kind::kSupplier, Kind::kFacility, Kind::kLink, Kind::kProject,
        Kind::kStockpile}},
  };
  return *fields;
}

}  // namespace

absl::Span<const Kind> KindsNamedBy(const FieldDescriptor& field) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
    return {};
  }
  const auto found = NameFields().find(field.name());
  return found == NameFields().end() ? absl::Span<const Kind>() : found->second;
}

}  // namespace orewatch::registry
