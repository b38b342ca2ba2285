#include "services/registry/domain/kinds.h"

#include <array>
#include <cstdlib>
#include <string>

namespace orewatch::registry {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using v1::Entry;

constexpr size_t kResourceKindCount = 12;
constexpr size_t kKindCount = 18;

KindInfo Row(Kind kind, int entry_field, absl::string_view collection, IdRule rule = IdRule::kKebab,
             absl::optional<Kind> parent = absl::nullopt) {
  const FieldDescriptor* field = Entry::descriptor()->FindFieldByNumber(entry_field);
  const Descriptor* type = field->message_type();
  return {kind,
          collection,
          rule,
          parent,
          field,
          MessageFactory::generated_factory()->GetPrototype(type),
          type->FindFieldByName("visibility"),
          type->FindFieldByName("metadata")};
}

const std::array<KindInfo, kKindCount>& Table() {
  static const auto* table = new std::array<KindInfo, kKindCount>{{
      Row(Kind::kMineral, Entry::kMineralFieldNumber, "minerals"),
      Row(Kind::kCountry, Entry::kCountryFieldNumber, "countries", IdRule::kCountryCode),
      Row(Kind::kBloc, Entry::kBlocFieldNumber, "blocs", IdRule::kCapitals),
      Row(Kind::kSupplier, Entry::kSupplierFieldNumber, "suppliers"),
      Row(Kind::kFacility, Entry::kFacilityFieldNumber, "facilities", IdRule::kKebab, Kind::kSupplier),
      Row(Kind::kLink, Entry::kLinkFieldNumber, "links"),
      Row(Kind::kProject, Entry::kProjectFieldNumber, "projects"),
      Row(Kind::kAgreement, Entry::kAgreementFieldNumber, "agreements"),
      Row(Kind::kMeasure, Entry::kMeasureFieldNumber, "measures"),
      Row(Kind::kStockpile, Entry::kStockpileFieldNumber, "stockpiles"),
      Row(Kind::kRequirement, Entry::kRequirementFieldNumber, "requirements"),
      Row(Kind::kEvent, Entry::kEventFieldNumber, "events"),
      Row(Kind::kToday, Entry::kTodayFieldNumber, "clock"),
      Row(Kind::kProduction, Entry::kStatisticFieldNumber, "production"),
      Row(Kind::kTrade, Entry::kStatisticFieldNumber, "trade"),
      Row(Kind::kGovernance, Entry::kStatisticFieldNumber, "governance"),
      Row(Kind::kIndicator, Entry::kStatisticFieldNumber, "indicator"),
      Row(Kind::kReserves, Entry::kStatisticFieldNumber, "reserves"),
  }};
  return *table;
}

constexpr size_t kNumbers = 32;
static_assert(static_cast<size_t>(Kind::kReserves) < kNumbers);

// By the number of the kind.
const std::array<const KindInfo*, kNumbers>& Index() {
  static const auto* index = [] {
    auto* made = new std::array<const KindInfo*, kNumbers>{};
    for (const KindInfo& info : Table()) {
      made->at(static_cast<size_t>(info.kind)) = &info;
    }
    return made;
  }();
  return *index;
}

absl::optional<Kind> KindOfStatistic(const v1::Statistic& statistic) {
  switch (statistic.series_case()) {
    case v1::Statistic::kProduction:
      return Kind::kProduction;
    case v1::Statistic::kTrade:
      return Kind::kTrade;
    case v1::Statistic::kGovernance:
      return Kind::kGovernance;
    case v1::Statistic::kIndicator:
      return Kind::kIndicator;
    case v1::Statistic::kReserves:
      return Kind::kReserves;
    case v1::Statistic::SERIES_NOT_SET:
      break;
  }
  return absl::nullopt;
}

}  // namespace

absl::Span<const KindInfo> AllKinds() { return Table(); }
absl::Span<const KindInfo> ResourceKinds() { return AllKinds().first(kResourceKindCount); }

const KindInfo& InfoOf(Kind kind) {
  const KindInfo* info = Index().at(static_cast<size_t>(kind));
  if (info == nullptr) {
    std::abort();
  }
  return *info;
}

absl::optional<Kind> KindOfDescriptor(const Descriptor* descriptor) {
  for (const KindInfo& info : Table()) {
    if (!IsStatistic(info.kind) && info.prototype->GetDescriptor() == descriptor) {
      return info.kind;
    }
  }
  return absl::nullopt;
}

absl::optional<Kind> KindOfCollection(absl::string_view collection) {
  for (const KindInfo& info : Table()) {
    if (info.collection == collection) {
      return info.kind;
    }
  }
  return absl::nullopt;
}

bool IsResource(Kind kind) { return kind < Kind::kProduction && kind != Kind::kToday; }
bool IsStatistic(Kind kind) { return kind >= Kind::kProduction; }

absl::optional<Kind> KindOf(const Entry& entry) {
  if (entry.value_case() == Entry::VALUE_NOT_SET) {
    return absl::nullopt;
  }
  if (entry.has_statistic()) {
    return KindOfStatistic(entry.statistic());
  }
  return static_cast<Kind>(entry.value_case());
}

const Message& MessageIn(Kind kind, const Entry& entry) {
  return entry.GetReflection()->GetMessage(entry, InfoOf(kind).entry_field);
}

Message& MutableMessageIn(Kind kind, Entry& entry) {
  return *entry.GetReflection()->MutableMessage(&entry, InfoOf(kind).entry_field);
}

const std::string& NameIn(const Message& resource) {
  static const std::string* empty = new std::string();
  // Usually the first.
  const FieldDescriptor* field = resource.GetDescriptor()->FindFieldByNumber(1);
  if (field == nullptr || field->name() != "name") {
    field = resource.GetDescriptor()->FindFieldByName("name");
  }
  return field == nullptr ? *empty : resource.GetReflection()->GetStringReference(resource, field, nullptr);
}

void SetName(absl::string_view name, Message& resource) {
  const FieldDescriptor* field = resource.GetDescriptor()->FindFieldByName("name");
  resource.GetReflection()->SetString(&resource, field, std::string(name));
}

}  // namespace orewatch::registry
