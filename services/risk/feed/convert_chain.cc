#include "services/risk/feed/convert_chain.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/risk/feed/message_fields.h"

namespace orewatch::risk {
namespace {

using registry::v1::Entry;
using registry::v1::Facility;

template <typename T>
std::optional<T> When(bool present, T value) {
  return present ? std::optional<T>(value) : std::nullopt;
}

FacilityOutput OutputOf(const Facility::Output& output) {
  return {output.mineral(),
          output.stage(),
          output.product(),
          output.grade(),
          When(output.has_spare_capacity_tonnes_per_year(), output.spare_capacity_tonnes_per_year()),
          When(output.has_capacity_tonnes_per_year(), output.capacity_tonnes_per_year()),
          output.basis()};
}

FacilityInput InputOf(const Facility::Input& input) {
  FacilityInput fact;
  fact.mineral = input.mineral();
  fact.product = input.product();
  fact.grade = input.grade();
  fact.use_tonnes_per_day = When(input.has_use_tonnes_per_day(), input.use_tonnes_per_day());
  fact.stock_tonnes = When(input.has_stock_tonnes(), input.stock_tonnes());
  fact.essential = When(input.has_essential(), input.essential());
  fact.qualified.assign(input.qualified_alternates().begin(), input.qualified_alternates().end());
  fact.months_to_qualify = When(input.has_months_to_qualify(), input.months_to_qualify());
  return fact;
}

template <typename Message>
std::vector<OwnerFact> OwnersOf(const Message& owned) {
  std::vector<OwnerFact> owners;
  for (const auto& owner : owned.owners()) {
    owners.push_back(
        {owner.supplier(), CodeOf(owner.country()), When(owner.has_share(), owner.share()), owner.ultimate()});
  }
  return owners;
}

FacilityFact FactOf(const Facility& facility) {
  FacilityFact fact;
  fact.readers = ReadersOf(facility.visibility());
  fact.country = CodeOf(facility.country());
  fact.operating = facility.status() == Facility::STATUS_OPERATING || facility.status() == Facility::STATUS_UNSPECIFIED;
  for (const auto& output : facility.outputs()) {
    fact.outputs.push_back(OutputOf(output));
  }
  for (const auto& input : facility.inputs()) {
    fact.inputs.push_back(InputOf(input));
  }
  fact.owners = OwnersOf(facility);
  fact.provenance = ProvenanceOf(facility.provenance());
  return fact;
}

SupplierFact FactOf(const registry::v1::Supplier& supplier) {
  SupplierFact fact{ReadersOf(supplier.visibility()), CodeOf(supplier.country()), OwnersOf(supplier)};
  for (const auto& finding : supplier.findings()) {
    // What a later release may find is none of these.
    if (registry::v1::Supplier::Finding::Kind_IsValid(finding.kind()) && finding.kind() != 0) {
      fact.findings.push_back({static_cast<FindingKind>(finding.kind()), finding.adverse(), DateText(finding.date()),
                               ProvenanceOf(finding.provenance())});
    }
  }
  fact.provenance = ProvenanceOf(supplier.provenance());
  return fact;
}

ChainLinkFact FactOf(const registry::v1::Link& link) {
  ChainLinkFact fact;
  fact.readers = ReadersOf(link.visibility());
  fact.name = link.name();
  fact.from = link.from();
  fact.to = link.to();
  fact.mineral = link.mineral();
  fact.product = link.product();
  fact.tonnes_per_year = When(link.has_tonnes_per_year(), link.tonnes_per_year());
  fact.share = When(link.has_share(), link.share());
  fact.verified = link.verification() == registry::v1::Link::VERIFICATION_VERIFIED;
  fact.confidence = When(link.has_confidence(), link.confidence());
  fact.ends = DateText(link.contract().end());
  return fact;
}

RequirementFact FactOf(const registry::v1::Requirement& requirement) {
  const auto& quantity = requirement.quantity();
  return {ReadersOf(requirement.visibility()), requirement.holder(), requirement.mineral(), requirement.product(),
          When(quantity.has_tonnes(), quantity.tonnes())};
}

template <typename Message, typename Fact>
void Add(const Message& message, bool present, std::map<std::string, std::optional<Fact>>& facts) {
  facts[message.name()] = present ? std::optional<Fact>(FactOf(message)) : std::nullopt;
}

}  // namespace

void AddChainEntry(const Entry& entry, bool present, ChainChanges& changes) {
  switch (entry.value_case()) {
    case Entry::kFacility:
      return Add(entry.facility(), present, changes.facilities);
    case Entry::kSupplier:
      return Add(entry.supplier(), present, changes.suppliers);
    case Entry::kLink:
      return Add(entry.link(), present, changes.links);
    case Entry::kRequirement:
      return Add(entry.requirement(), present, changes.requirements);
    case Entry::kToday:
      if (present) {
        changes.today = DateText(entry.today().date());
      }
      return;
    default:
      return;
  }
}

}  // namespace orewatch::risk
