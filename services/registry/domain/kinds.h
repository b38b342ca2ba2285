// The kinds of thing that the registry stores, as one table over the `Entry` oneof.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::registry {

// Stored in databases and page tokens: numbers are never changed or reused. Those of resources are their fields in
// `Entry`. Resources come before what refers to them only by chance; statistics come last, so that an export in this
// order lists what they refer to first.
enum class Kind : int {
  kMineral = 1,
  kCountry = 2,
  kBloc = 3,
  kSupplier = 4,
  kFacility = 5,
  kLink = 6,
  kProject = 7,
  kAgreement = 8,
  kMeasure = 9,
  kStockpile = 10,
  kRequirement = 11,
  kToday = 13,
  kEvent = 14,
  kProduction = 20,
  kTrade = 21,
  kGovernance = 22,
  kIndicator = 23,
  kReserves = 24,
};

// How the last segment of a name is spelled.
enum class IdRule {
  kKebab,        // [a-z0-9][a-z0-9-]{0,62}
  kCountryCode,  // ISO 3166-1 alpha-2 in capitals, never ZZ
  kCapitals,     // [A-Z0-9]{1,63}
};

// One row of the table. Immutable, lives for ever.
struct KindInfo {
  Kind kind;
  // First segment of the name (`minerals`), or for a statistic the word after `statistics/`.
  absl::string_view collection;
  IdRule id_rule;
  // The kind whose resources contain this one; nothing for a top-level kind.
  absl::optional<Kind> parent;
  // Field of `Entry` that holds it.
  const google::protobuf::FieldDescriptor* entry_field;
  // Default instance of its message.
  const google::protobuf::Message* prototype;
  // Fields of its message; null: it has none.
  const google::protobuf::FieldDescriptor* visibility_field;
  const google::protobuf::FieldDescriptor* metadata_field;
};

// The 12 resource kinds, in order of their number.
absl::Span<const KindInfo> ResourceKinds();
// Every kind, in order of its number, which is the order of an export.
absl::Span<const KindInfo> AllKinds();
// Every kind is in the table.
const KindInfo& InfoOf(Kind kind);
// The kind whose message has this descriptor; nothing for Statistic, which is several kinds, or a foreign message.
absl::optional<Kind> KindOfDescriptor(const google::protobuf::Descriptor* descriptor);

// The kind of a collection, such as `suppliers` or `production`; nothing for another word.
absl::optional<Kind> KindOfCollection(absl::string_view collection);

bool IsResource(Kind kind);
bool IsStatistic(Kind kind);

// Nothing if the entry, or its statistic's series, is not set.
absl::optional<Kind> KindOf(const registry::v1::Entry& entry);
// The message inside an entry of a kind; the default instance if another is set.
const google::protobuf::Message& MessageIn(Kind kind, const registry::v1::Entry& entry);
// Sets the oneof to the kind's message and returns it.
google::protobuf::Message& MutableMessageIn(Kind kind, registry::v1::Entry& entry);

// Field `name` of a resource message.
const std::string& NameIn(const google::protobuf::Message& resource);
void SetName(absl::string_view name, google::protobuf::Message& resource);

}  // namespace orewatch::registry
