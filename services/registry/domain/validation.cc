#include "services/registry/domain/validation.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "services/registry/domain/field_values.h"
#include "services/registry/domain/kinds.h"
#include "services/registry/domain/name_fields.h"
#include "services/registry/domain/resource_names.h"
#include "services/registry/domain/statistic_key.h"
#include "services/registry/domain/values.h"
#include "services/registry/domain/visibility.h"

namespace orewatch::registry {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2200;

bool IsHs6(const std::string& text) {
  constexpr size_t kDigits = 6;
  return text.size() == kDigits && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// `suppliers, facilities`.
std::string CollectionsOf(absl::Span<const Kind> kinds) {
  return absl::StrJoin(kinds, ", ", [](std::string* out, Kind kind) {
    const absl::string_view collection = InfoOf(kind).collection;
    out->append(collection.data(), collection.size());
  });
}

void CheckText(const FieldValue& value, FieldViolations& violations) {
  const std::string text = value.Text();
  if ((text.empty() && value.index < 0) || text.size() > kMaxTextBytes) {
    return;
  }
  if (value.field.name() == "hs6" && !IsHs6(text)) {
    violations.Add(value.Path(), "must be six digits");
  } else if (value.field.name() == "product" && !IsKebab(text)) {
    violations.Add(value.Path(), "must be of a-z, 0-9 and -, at most 63 characters");
  } else if (const auto kinds = KindsNamedBy(value.field); !kinds.empty()) {
    const auto name = ParseResourceName(text);
    if (!name.ok() || std::find(kinds.begin(), kinds.end(), name->kind) == kinds.end()) {
      violations.Add(value.Path(), absl::StrCat("must be the name of one of the ", CollectionsOf(kinds)));
    }
  }
}

void CheckNumber(const FieldValue& value, FieldViolations& violations) {
  constexpr double kMaxLatitude = 90;
  constexpr double kMaxLongitude = 180;
  const std::string& name = value.field.name();
  const double number = value.Number();
  if (!std::isfinite(number)) {
    return;
  }
  if (name == "latitude" || name == "longitude") {
    const double limit = name == "latitude" ? kMaxLatitude : kMaxLongitude;
    if (number < -limit || number > limit) {
      violations.Add(value.Path(), absl::StrCat("must be within ", -limit, " and ", limit));
    }
  } else if (name == "confidence" || name == "share" || absl::EndsWith(name, "_share")) {
    if (number < 0 || number > 1) {
      violations.Add(value.Path(), "must be within 0 and 1");
    }
  } else if (number < 0) {
    violations.Add(value.Path(), "must not be negative");
  }
}

bool IsDate(const type::v1::PartialDate& date) {
  constexpr int kMaxYear = 9999;
  constexpr int kMonths = 12;
  // Civil time carries over what no month has: day 0 and the 31st of April come back as another day.
  const bool day_exists = date.day() == 0 || absl::CivilDay(date.year(), date.month(), date.day()).day() == date.day();
  return date.year() >= 1 && date.year() <= kMaxYear && date.month() >= 0 && date.month() <= kMonths && day_exists &&
         (date.month() != 0 || date.day() == 0);
}

void CheckDate(const type::v1::PartialDate& date, const std::string& path, FieldViolations& violations) {
  if (!IsDate(date)) {
    violations.Add(path, "must be a date of the calendar: year, month 1 to 12 or 0, a day of that month or 0");
  }
}

void CheckYear(int year, const std::string& path, FieldViolations& violations) {
  if (year < kFirstYear || year > kLastYear) {
    violations.Add(path, absl::StrCat("must be within ", kFirstYear, " and ", kLastYear));
  }
}

void CheckQuantity(const type::v1::Quantity& quantity, const std::string& path, FieldViolations& violations) {
  const bool has_number = quantity.has_tonnes() || quantity.has_share();
  if (quantity.has_tonnes() && quantity.tonnes() < 0) {
    violations.Add(absl::StrCat(path, ".tonnes"), "must not be negative");
  }
  if (quantity.has_share() && (quantity.share() < 0 || quantity.share() > 1)) {
    violations.Add(absl::StrCat(path, ".share"), "must be within 0 and 1");
  }
  if (quantity.has_withheld() && !quantity.withheld()) {
    violations.Add(absl::StrCat(path, ".withheld"), "must be true, or left out with the rest of the value");
  }
  if (has_number && quantity.basis() == type::v1::BASIS_UNSPECIFIED) {
    violations.Add(absl::StrCat(path, ".basis"), "must be given: unlike bases are never added");
  }
}

// The first day that a date may mean, and the last.
absl::CivilDay FirstDay(const type::v1::PartialDate& date) {
  return absl::CivilDay(date.year(), std::max(date.month(), 1), std::max(date.day(), 1));
}
absl::CivilDay LastDay(const type::v1::PartialDate& date) {
  if (date.month() == 0) {
    return absl::CivilDay(date.year() + 1, 1, 1) - 1;
  }
  return date.day() == 0 ? absl::CivilDay(date.year(), date.month() + 1, 1) - 1 : FirstDay(date);
}

const type::v1::PartialDate* DateIn(const Message& message, const std::string& name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field != nullptr && field->message_type() == type::v1::PartialDate::descriptor() &&
                 message.GetReflection()->HasField(message, field)
             ? dynamic_cast<const type::v1::PartialDate*>(&message.GetReflection()->GetMessage(message, field))
             : nullptr;
}

// Whatever begins and ends; what governments announce may end before it takes effect.
void CheckPeriods(const Message& message, const std::string& path, FieldViolations& violations) {
  using Names = std::pair<const char*, const char*>;
  for (const auto& [begin, end] : {Names("from", "to"), Names("start", "end"), Names("began", "ended"),
                                   Names("suspended", "suspended_until"), Names("committed", "lapse")}) {
    const auto* first = DateIn(message, begin);
    const auto* last = DateIn(message, end);
    if (first != nullptr && last != nullptr && IsDate(*first) && IsDate(*last) && LastDay(*last) < FirstDay(*first)) {
      violations.Add(absl::StrCat(path, path.empty() ? "" : ".", end), absl::StrCat("must not be before ", begin));
    }
  }
}

// Of the others some may hold what stands between.
void CheckOwners(const Message& resource, FieldViolations& violations) {
  constexpr double kRounding = 1e-6;
  double ultimate = 0;
  VisitValues(resource, [&](const FieldValue& value) {
    const auto* owner = value.IsMessage() ? dynamic_cast<const v1::Owner*>(&value.Nested()) : nullptr;
    if (owner != nullptr && owner->ultimate()) {
      ultimate += owner->share();
    }
    return Onward::kPast;
  });
  if (ultimate > 1 + kRounding) {
    violations.Add("owners", "that are ultimate must have shares of at most 1 together");
  }
}

void CheckBasis(const v1::Project& project, FieldViolations& violations) {
  const auto& commitments = project.commitments();
  const bool has_tonnes = project.has_capacity_tonnes_per_year() ||
                          std::any_of(commitments.begin(), commitments.end(),
                                      [](const auto& one) { return one.has_offtake_tonnes_per_year(); });
  if (has_tonnes && project.basis() == type::v1::BASIS_UNSPECIFIED) {
    violations.Add("basis", "must be given with tonnes: unlike bases are never added");
  }
}

Onward CheckNested(const FieldValue& value, FieldViolations& violations) {
  const Message& nested = value.Nested();
  if (const auto* participant = dynamic_cast<const v1::Participant*>(&nested);
      participant != nullptr && participant->supplier().empty() && participant->display_name().empty()) {
    violations.Add(value.Path(), "must name a company");
  }
  if (const auto* date = dynamic_cast<const type::v1::PartialDate*>(&nested)) {
    CheckDate(*date, value.Path(), violations);
    return Onward::kPast;
  }
  if (const auto* quantity = dynamic_cast<const type::v1::Quantity*>(&nested)) {
    CheckQuantity(*quantity, value.Path(), violations);
    return Onward::kPast;
  }
  CheckPeriods(nested, value.Path(), violations);
  return Onward::kInto;
}

// What a value must be in a resource, by what its field is called.
Onward CheckMeaning(const FieldValue& value, FieldViolations& violations) {
  if (value.field.is_map() || (value.index == 0 && value.ListSize() > kMaxElements)) {
    return Onward::kPastField;
  }
  switch (value.field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      CheckText(value, violations);
      return Onward::kPast;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      CheckNumber(value, violations);
      return Onward::kPast;
    case FieldDescriptor::CPPTYPE_INT32:
      if (value.field.name() == "year") {
        CheckYear(value.message.GetReflection()->GetInt32(value.message, &value.field), value.Path(), violations);
      }
      return Onward::kPast;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return CheckNested(value, violations);
    default:
      return Onward::kPast;
  }
}

void CheckCode(const std::string& path, const std::string& code, FieldViolations& violations) {
  if (!IsCountryCode(code) && code != kOtherCountries) {
    violations.Add(path, "must be an ISO 3166-1 alpha-2 code, or ZZ for other countries");
  }
}

void CheckMineral(const std::string& path, const std::string& name, FieldViolations& violations) {
  violations.AddAll("", ParseNameOf(Kind::kMineral, name, path).status());
}

void CheckEstimates(const v1::Statistic::Governance& governance, FieldViolations& violations) {
  constexpr double kLimit = 10;
  std::vector<const FieldDescriptor*> fields;
  governance.GetReflection()->ListFields(governance, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_DOUBLE) {
      continue;
    }
    const double estimate = governance.GetReflection()->GetDouble(governance, field);
    if (estimate < -kLimit || estimate > kLimit) {
      violations.Add(absl::StrCat("governance.", field->name()), "must be an estimate of about -2.5 to 2.5");
    }
  }
}

void CheckSeries(const v1::Statistic& statistic, FieldViolations& violations) {
  if (statistic.has_production()) {
    CheckMineral("production.mineral", statistic.production().mineral(), violations);
    CheckCode("production.country", statistic.production().country(), violations);
    if (statistic.production().stage() == type::v1::STAGE_UNSPECIFIED) {
      violations.Add("production.stage", "must be given");
    }
  } else if (statistic.has_trade()) {
    CheckMineral("trade.mineral", statistic.trade().mineral(), violations);
    CheckCode("trade.exporter", statistic.trade().exporter(), violations);
    CheckCode("trade.importer", statistic.trade().importer(), violations);
    if (!IsHs6(statistic.trade().hs6())) {
      violations.Add("trade.hs6", "must be six digits");
    }
    if (statistic.trade().value_usd() < 0) {
      violations.Add("trade.value_usd", "must not be negative");
    }
  } else if (statistic.has_governance()) {
    if (!IsCountryCode(statistic.governance().country())) {
      violations.Add("governance.country", "must be an ISO 3166-1 alpha-2 code");
    }
    CheckEstimates(statistic.governance(), violations);
  } else if (statistic.has_reserves()) {
    CheckMineral("reserves.mineral", statistic.reserves().mineral(), violations);
    CheckCode("reserves.country", statistic.reserves().country(), violations);
    if (statistic.reserves().classification() == v1::Statistic::Reserves::CLASSIFICATION_UNSPECIFIED) {
      violations.Add("reserves.classification", "must be given");
    }
  } else if (statistic.has_indicator()) {
    if (!ParseResourceName(statistic.indicator().subject()).ok()) {
      violations.Add("indicator.subject", "must be the name of a resource");
    }
    if (!IsKebab(statistic.indicator().indicator())) {
      violations.Add("indicator.indicator", "must be of a-z, 0-9 and -");
    }
  } else {
    violations.Add("series", "must be given");
  }
}

void CheckProvenance(const type::v1::Provenance& provenance, FieldViolations& violations) {
  if (provenance.source().empty()) {
    violations.Add("provenance.source", "must be given");
  }
}

void CheckVisibility(const type::v1::Visibility& visibility, FieldViolations& violations) {
  if (!visibility.owner().empty() && !IsPrincipal(visibility.owner())) {
    violations.Add("visibility.owner", "must be a principal");
  }
  if (visibility.readers_size() > kMaxReaders) {
    violations.Add("visibility.readers", absl::StrCat("must have at most ", kMaxReaders, " elements"));
    return;
  }
  for (int i = 0; i < visibility.readers_size(); ++i) {
    if (!IsPrincipal(visibility.readers(i))) {
      violations.Add(absl::StrCat("visibility.readers[", i, "]"), "must be a principal");
    }
  }
}

void CheckStatistic(const v1::Statistic& statistic, FieldViolations& violations) {
  if (!IsKebab(statistic.dataset())) {
    violations.Add("dataset", "must be given, of a-z, 0-9 and -");
  }
  CheckYear(statistic.year(), "year", violations);
  CheckSeries(statistic, violations);
  if (statistic.has_quantity() && (statistic.has_governance() || statistic.has_indicator())) {
    violations.Add("quantity", "is for production, trade and reserves");
  }
  CheckQuantity(statistic.quantity(), "quantity", violations);
  CheckProvenance(statistic.provenance(), violations);
  CheckValues(statistic, violations);
  CheckKeyLength(statistic, violations);
}

}  // namespace

void CheckKeyLength(const v1::Statistic& statistic, FieldViolations& violations) {
  if (StatisticKey(statistic).size() > kMaxKeyBytes) {
    violations.Add("", absl::StrCat("must have a key of at most ", kMaxKeyBytes,
                                    " bytes: all texts but those of the value and the provenance together"));
  }
}

FieldViolations Validate(const v1::Entry& entry) {
  FieldViolations violations;
  if (entry.ByteSizeLong() > kMaxEntryBytes) {
    violations.Add("", absl::StrCat("must be at most ", kMaxEntryBytes, " bytes"));
    return violations;
  }
  if (entry.has_statistic()) {
    CheckStatistic(entry.statistic(), violations);
    return violations;
  }
  const auto kind = KindOf(entry);
  if (!kind.has_value()) {
    violations.Add("entry", "must hold something");
    return violations;
  }
  const Message& resource = MessageIn(*kind, entry);
  if (*kind == Kind::kToday) {
    violations.Add("entry", "the date is set by the registry alone");
    return violations;
  }
  if (const auto name = ParseNameOf(*kind, NameIn(resource), "name"); !name.ok()) {
    violations.AddAll("", name.status());
  }
  VisitValues(resource, [&violations](const FieldValue& value) { return CheckMeaning(value, violations); });
  CheckPeriods(resource, "", violations);
  CheckOwners(resource, violations);
  CheckBasis(entry.project(), violations);
  if (const type::v1::Visibility* visibility = VisibilityOf(entry); visibility != nullptr) {
    CheckVisibility(*visibility, violations);
  }
  const auto* provenance = resource.GetDescriptor()->FindFieldByName("provenance");
  CheckProvenance(dynamic_cast<const type::v1::Provenance&>(resource.GetReflection()->GetMessage(resource, provenance)),
                  violations);
  CheckValues(resource, violations);
  return violations;
}

FieldViolations ValidateUnderstood(const v1::Entry& entry) {
  FieldViolations violations;
  if (!entry.GetReflection()->GetUnknownFields(entry).empty()) {
    violations.Add("entry", "holds something that is not known here");
  }
  if (const auto kind = KindOf(entry); kind.has_value()) {
    CheckNoUnknownFields(MessageIn(*kind, entry), violations);
  }
  return violations;
}

}  // namespace orewatch::registry
