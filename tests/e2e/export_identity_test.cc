// Whatever the registry holds comes back the same from its own files: every field of every message, filled by its
// descriptor, so that a column that is forgotten is found.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/testing/registry_files.h"

namespace orewatch::testing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using registry::v1::Entry;

constexpr int kElements = 3;

// Resources that the filled ones refer to; each list is as long as a repeated field is.
const std::map<std::string, std::vector<std::string>>& NamesByField() {
  static const auto* const names = new std::map<std::string, std::vector<std::string>>{
      {"country", {"countries/JP", "countries/US", "countries/QQ"}},
      {"imposer", {"countries/US", "countries/QQ", "countries/JP"}},
      {"destinations", {"countries/JP", "blocs/EU", "countries/QQ"}},
      {"parties", {"blocs/EU", "countries/QQ", "countries/US"}},
      {"mineral", {"minerals/tin", "minerals/zinc", "minerals/lead"}},
      {"host_mineral", {"minerals/zinc", "minerals/lead", "minerals/tin"}},
      {"minerals", {"minerals/tin", "minerals/zinc", "minerals/lead"}},
      {"members", {"minerals/lead", "minerals/tin", "minerals/zinc"}},
      {"supplier", {"suppliers/acme", "suppliers/beta", "suppliers/gamma"}},
      {"operator", {"suppliers/beta", "suppliers/gamma", "suppliers/acme"}},
      {"from", {"suppliers/acme/facilities/a", "suppliers/beta", "suppliers/acme/facilities/b"}},
      {"to", {"suppliers/beta", "suppliers/acme/facilities/b", "suppliers/gamma"}},
      {"holder", {"countries/QQ", "blocs/EU", "suppliers/acme/facilities/a"}},
      {"qualified_alternates",
       {"suppliers/acme/facilities/a", "suppliers/acme/facilities/b", "suppliers/acme/facilities/c"}},
      {"subject", {"minerals/tin", "suppliers/acme/facilities/a", "countries/QQ"}},
  };
  return *names;
}

std::string TextFor(const FieldDescriptor& field, int variant) {
  const std::string& name = field.name();
  if (absl::StartsWith(field.containing_type()->full_name(), "orewatch.registry.v1.Statistic") &&
      (name == "country" || name == "exporter" || name == "importer")) {
    const std::vector<std::string> codes = {"JP", name == "exporter" || name == "importer" ? "ZZ" : "US", "QQ"};
    return codes.at(static_cast<size_t>(variant % kElements));
  }
  if (const auto names = NamesByField().find(name); names != NamesByField().end()) {
    return names->second.at(static_cast<size_t>(variant % kElements));
  }
  if (name == "hs6") {
    return absl::StrCat(260300 + variant);
  }
  if (name == "product" || name == "dataset" || name == "indicator") {
    return absl::StrCat("word-", variant);
  }
  if (name == "as_of") {
    return absl::StrCat("2024-0", 1 + variant % kElements);
  }
  return absl::StrCat(" \"odd\"; ", name, ",\r\n\t銅 ", variant, " ");
}

double NumberFor(const FieldDescriptor& field, int variant) {
  const bool fraction = absl::EndsWith(field.name(), "share") || field.name() == "confidence";
  constexpr int kNumbers = 9;
  return (fraction ? 0 : 1) + 0.1 * (variant % kNumbers);
}

void Fill(Message& message, int variant);

Message* Add(const FieldDescriptor& field, Message& message) {
  const auto* reflection = message.GetReflection();
  return field.is_repeated() ? reflection->AddMessage(&message, &field) : reflection->MutableMessage(&message, &field);
}

void FillField(const FieldDescriptor& field, Message& message, int variant) {
  const auto* reflection = message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      field.is_repeated() ? reflection->AddString(&message, &field, TextFor(field, variant))
                          : reflection->SetString(&message, &field, TextFor(field, variant));
      return;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->SetDouble(&message, &field, NumberFor(field, variant));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(&message, &field, true);
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(&message, &field, field.name() == "year" ? 2000 + variant : 1 + variant);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->SetEnumValue(&message, &field, 1 + variant % (field.enum_type()->value_count() - 1));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(*Add(field, message), variant);
    default:
      ADD_FAILURE() << "no value for " << field.full_name();
  }
}

void FillMap(const FieldDescriptor& field, Message& message, int variant) {
  for (const char* key : {"lei", "ticker", "jp_corporate_number", "kr_business_number", "cn_uscc", "duns", "vat-id"}) {
    Message& entry = *message.GetReflection()->AddMessage(&message, &field);
    entry.GetReflection()->SetString(&entry, entry.GetDescriptor()->map_key(), key);
    entry.GetReflection()->SetString(&entry, entry.GetDescriptor()->map_value(),
                                     TextFor(*entry.GetDescriptor()->map_value(), variant));
  }
}

// Sets every field; of a choice the one of the variant.
void Fill(Message& message, int variant) {
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const auto* choice = field.real_containing_oneof();
    const bool chosen = choice == nullptr || choice->field(variant % choice->field_count()) == &field;
    if (!chosen || field.name() == "name" || field.name() == "metadata" || field.name() == "visibility") {
      continue;
    }
    if (field.is_map()) {
      FillMap(field, message, variant);
      continue;
    }
    for (int element = 0; element < (field.is_repeated() ? kElements : 1); ++element) {
      FillField(field, message, variant + element);
    }
  }
}

// The name of a filled resource of a kind.
std::string NameFor(const std::string& kind, int variant) {
  const std::map<std::string, std::string> prefixes = {{"country", "countries/A"},
                                                       {"bloc", "blocs/F"},
                                                       {"facility", "suppliers/beta/facilities/f"},
                                                       {"agreement", "agreements/f"}};
  const auto prefix = prefixes.find(kind);
  const std::string id = kind == "country" ? std::string(1, static_cast<char>('A' + variant)) : absl::StrCat(variant);
  return absl::StrCat(prefix == prefixes.end() ? absl::StrCat(kind, "s/f") : prefix->second, id);
}

// Variants of everything that the registry stores, with every field set.
std::vector<Entry> FilledEntries() {
  std::vector<Entry> entries;
  for (int i = 0; i < Entry::descriptor()->field_count(); ++i) {
    const FieldDescriptor& kind = *Entry::descriptor()->field(i);
    const int variants = kind.name() == "statistic" ? 15 : kElements;
    for (int variant = 0; variant < variants && kind.name() != "today"; ++variant) {
      Entry& entry = entries.emplace_back();
      Message& value = *entry.GetReflection()->MutableMessage(&entry, &kind);
      Fill(value, variant);
      if (entry.statistic().has_governance() || entry.statistic().has_indicator()) {
        entry.mutable_statistic()->clear_quantity();
      }
      if (const auto* name = kind.message_type()->FindFieldByName("name"); name != nullptr) {
        value.GetReflection()->SetString(&value, name, NameFor(kind.name(), variant));
      }
      if (const auto* visibility = kind.message_type()->FindFieldByName("visibility");
          visibility != nullptr && variant > 0) {
        value.GetReflection()
            ->MutableMessage(&value, visibility)
            ->CopyFrom(ParseProto<type::v1::Visibility>(
                variant == 1 ? "owner: 'anonymous'" : "owner: 'anonymous' readers: 'bob' readers: '\"c;d\"'"));
      }
    }
  }
  return entries;
}

// What the filled resources refer to, and what a descriptor does not think of.
std::vector<Entry> OtherEntries() {
  std::vector<Entry> entries;
  for (const char* text :
       {"mineral { name: 'minerals/tin' }",
        "mineral { name: 'minerals/zinc' }",
        "mineral { name: 'minerals/lead' traded_forms { } traded_forms { contained_share: 0 } }",
        "country { name: 'countries/JP' }",
        "country { name: 'countries/US' }",
        "country { name: 'countries/QQ' }",
        ("bloc { name: 'blocs/EU' memberships { country: 'countries/JP' from { year: 1958 } to { year: 1960 } } "
         "memberships { country: 'countries/JP' from { year: 1970 month: 2 } } }"),
        ("supplier { name: 'suppliers/acme' aliases: '' "
         "aliases: ';' aliases: '\"' aliases: ',' aliases: ' ' aliases: 'a\\r\\nb' aliases: '1e5' aliases: 'W' "
         "aliases: '2024-01-01' aliases: '=1+1' aliases: '\\t' }"),
        "supplier { name: 'suppliers/veiled' visibility { owner: 'anonymous' readers: 'bob' } }",
        "supplier { name: 'suppliers/beta' owners { } owners { state: false } owners { share: 0 } findings { } }",
        "supplier { name: 'suppliers/gamma' identifiers { key: 'lei' value: '' } }",
        ("facility { name: 'suppliers/acme/facilities/a' latitude: 0 longitude: 0 outputs { "
         "capacity_tonnes_per_year: 0 } inputs { stock_tonnes: 0 } inputs { essential: false } }"),
        "facility { name: 'suppliers/acme/facilities/b' }",
        "facility { name: 'suppliers/veiled/facilities/b' visibility { owner: 'anonymous' readers: 'dora' } }",
        "facility { name: 'suppliers/acme/facilities/c' }",
        "link { name: 'links/bare' contract { } }",
        ("project { name: 'projects/bare' milestones { planned { year: 2027 } } "
         "sponsors { display_name: 'suppliers/x' } commitments { agency: 'A' provenance { source: 'one' } } "
         "commitments { agency: 'A' "
         "committed { year: 2020 } provenance { source: 'two' } } commitments { agency: 'B' } }"),
        "measure { name: 'measures/bare' }",
        "stockpile { name: 'stockpiles/bare' held_days: 0 }",
        "requirement { name: 'requirements/bare' quantity { } }",
        "requirement { name: 'requirements/zero' quantity { tonnes: 0 basis: BASIS_GROSS } }",
        "event { name: 'events/bare' impacts { subject: 'links/bare' } impacts { subject: 'projects/bare' } }",
        "project { name: 'projects/deleted' }"}) {
    Entry& entry = entries.emplace_back(ParseProto<Entry>(text));
    const auto* kind = entry.GetReflection()->GetOneofFieldDescriptor(entry, Entry::descriptor()->oneof_decl(0));
    Message& value = *entry.GetReflection()->MutableMessage(&entry, kind);
    const auto* provenance = kind->message_type()->FindFieldByName("provenance");
    value.GetReflection()
        ->MutableMessage(&value, provenance)
        ->CopyFrom(ParseProto<type::v1::Provenance>("source: 'a test'"));
  }
  return entries;
}

void Write(LoneRegistry& registry, const std::vector<Entry>& entries) {
  registry::v1::ApplyChangesRequest request;
  for (const Entry& entry : entries) {
    auto& mutation = *request.add_mutations();
    mutation.set_operation(registry::v1::Mutation::OPERATION_CREATE);
    *mutation.mutable_entry() = entry;
    if (entry.has_statistic()) {
      mutation.set_operation(registry::v1::Mutation::OPERATION_UPDATE);
      mutation.set_allow_missing(true);
    }
  }
  const auto applied = Call(registry.stub, &RegistryStub::ApplyChanges, request);
  ASSERT_TRUE(applied.ok()) << applied.status();
}

class ExportIdentityTest : public ::testing::Test {
 protected:
  ExportIdentityTest() {
    Write(registry_, OtherEntries());
    Write(registry_, FilledEntries());
    EXPECT_EQ(registry_.Ctl({"delete", "projects/deleted"}).code, 0);
  }

  LoneRegistry registry_;
};

TEST_F(ExportIdentityTest, OfCsvFiles) {
  EXPECT_EQ(ExpectRoundTrip(registry_), OtherEntries().size() + FilledEntries().size());
}

TEST_F(ExportIdentityTest, OfCsvFilesThatAreImportedOverWhatTheyWereExportedFrom) {
  const TempDir dir;
  ASSERT_EQ(registry_.Ctl({"export", "-f", dir / "all/"}).code, 0);
  const int64_t head = registry_.Head();
  EXPECT_THAT(registry_.ImportFiles({dir / "all"}), ::testing::HasSubstr("created 0, updated 0, "));
  EXPECT_EQ(registry_.Head(), head);
}

TEST_F(ExportIdentityTest, OfTextprotoAndJson) {
  for (const std::string format : {"textproto", "json"}) {
    const TempDir dir;
    LoneRegistry fresh;
    ASSERT_EQ(registry_.Ctl({"export", "-o", format, "-f", dir / "all"}).code, 0);
    const Finished applied = fresh.Ctl({"apply", "-f", dir / "all"});
    EXPECT_EQ(applied.code, 0) << applied.output;
    ExpectSameEntries(SnapshotOf(registry_.stub), SnapshotOf(fresh.stub));
  }
}

}  // namespace
}  // namespace orewatch::testing
