#include "services/registry/domain/validation.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::IsOk;
using ::orewatch::testing::ParseProto;

absl::Status Check(const v1::Entry& entry) { return Validate(entry).ToStatus(); }

v1::Entry Supplier(const std::string& more) {
  return ParseProto<v1::Entry>(
      absl::StrCat("supplier { name: 'suppliers/acme' provenance { source: 's' } ", more, " }"));
}

v1::Entry Indicator(const std::string& more) {
  return ParseProto<v1::Entry>(
      absl::StrCat("statistic { dataset: 'd' year: 2024 indicator { subject: 'minerals/tin' "
                   "indicator: 'price' unit: 'USD' } provenance { source: 's' } ",
                   more, " }"));
}

TEST(ValidationTest, TextHoldsNoControlCharactersButTabsAndLineBreaks) {
  const std::string nul(1, '\0');
  for (const std::string& bad : {nul, std::string("\x01"), std::string("\x1b[31m"), std::string("a\x0b")}) {
    v1::Entry supplier = Supplier("");
    supplier.mutable_supplier()->set_display_name(absl::StrCat("a", bad));
    supplier.mutable_supplier()->add_aliases(bad);
    (*supplier.mutable_supplier()->mutable_identifiers())["lei"] = bad;
    supplier.mutable_supplier()->add_owners()->set_display_name(bad);
    supplier.mutable_supplier()->mutable_provenance()->set_licence(bad);
    for (const char* field :
         {"display_name", "aliases[0]", "identifiers[0].value", "owners[0].display_name", "provenance.licence"}) {
      EXPECT_THAT(Check(supplier), BlamesField(field));
    }
    v1::Entry indicator = Indicator("");
    indicator.mutable_statistic()->mutable_indicator()->set_unit(bad);
    indicator.mutable_statistic()->mutable_quantity()->set_scope(bad);
    EXPECT_THAT(Check(indicator), BlamesField("indicator.unit"));
    EXPECT_THAT(Check(indicator), BlamesField("quantity.scope"));
  }
  EXPECT_THAT(Check(Supplier("display_name: 'a\\tb\\nc\\r\\nd' aliases: '\\351\\212\\205'")), IsOk());
}

TEST(ValidationTest, EveryTextIsBounded) {
  const std::string long_text(4097, 'x');
  EXPECT_THAT(Check(Supplier(absl::StrCat("identifiers { key: 'lei' value: '", long_text, "' }"))),
              BlamesField("identifiers[0].value"));
  EXPECT_THAT(Check(Supplier(absl::StrCat("identifiers { key: '", long_text, "' value: '1' }"))),
              BlamesField("identifiers[0].key"));
  EXPECT_THAT(Check(Supplier("identifiers { key: 'a=b' value: '1' }")), BlamesField("identifiers[0].key"));
  v1::Entry indicator = Indicator("");
  indicator.mutable_statistic()->mutable_indicator()->set_region(long_text);
  EXPECT_THAT(Check(indicator), BlamesField("indicator.region"));
  EXPECT_THAT(Check(Supplier(absl::StrCat("display_name: '", long_text, "'"))), BlamesField("display_name"));
}

TEST(ValidationTest, PrincipalsHoldNoBlanks) {
  EXPECT_THAT(Check(Supplier("visibility { owner: 'alice' readers: 'bob@example.org' readers: 'CN=carol' }")), IsOk());
  EXPECT_THAT(Check(Supplier("visibility { owner: 'alice ' }")), BlamesField("visibility.owner"));
  EXPECT_THAT(Check(Supplier("visibility { owner: 'a\\nb' }")), BlamesField("visibility.owner"));
  EXPECT_THAT(Check(Supplier("visibility { owner: 'a' readers: 'b c' }")), BlamesField("visibility.readers[0]"));
  EXPECT_THAT(Check(Supplier("visibility { owner: 'a' readers: '' }")), BlamesField("visibility.readers[0]"));
}

TEST(ValidationTest, AProvenanceIsOfADate) {
  const auto as_of = [](const std::string& date) {
    return Supplier(absl::StrCat("findings { provenance { as_of: '", date, "' } }"));
  };
  for (const char* good : {"", "2024", "2024-07", "2024-02-29"}) {
    EXPECT_THAT(Check(as_of(good)), IsOk()) << good;
  }
  for (const char* bad :
       {"24", "2024-7", "2024-13", "2023-02-29", "2024-07-01T00:00:00Z", "July 2024", "2024-", "0000"}) {
    EXPECT_THAT(Check(as_of(bad)), BlamesField("findings[0].provenance.as_of")) << bad;
  }
  v1::Entry indicator = Indicator("");
  indicator.mutable_statistic()->mutable_provenance()->set_as_of("soon");
  EXPECT_THAT(Check(indicator), BlamesField("provenance.as_of"));
}

TEST(ValidationTest, NumbersAreFinite) {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    v1::Entry supplier = Supplier("owners { }");
    supplier.mutable_supplier()->mutable_owners(0)->set_share(bad);
    EXPECT_THAT(Check(supplier), BlamesField("owners[0].share"));
    v1::Entry indicator = Indicator("");
    indicator.mutable_statistic()->mutable_indicator()->set_value(bad);
    indicator.mutable_statistic()->mutable_quantity()->set_tonnes(bad);
    EXPECT_THAT(Check(indicator), BlamesField("indicator.value"));
    EXPECT_THAT(Check(indicator), BlamesField("quantity.tonnes"));
  }
}

TEST(ValidationTest, TonnesOfAProjectAreOnABasisAndNotNegative) {
  const auto project = [](const std::string& more) {
    return ParseProto<v1::Entry>(absl::StrCat("project { name: 'projects/p' provenance { source: 's' } ", more, " }"));
  };
  EXPECT_THAT(Check(project("capacity_tonnes_per_year: 1")), BlamesField("basis"));
  EXPECT_THAT(Check(project("commitments { offtake_tonnes_per_year: 1 }")), BlamesField("basis"));
  EXPECT_THAT(Check(project("capacity_tonnes_per_year: -1 basis: BASIS_GROSS")),
              BlamesField("capacity_tonnes_per_year"));
  EXPECT_THAT(Check(project("commitments { offtake_tonnes_per_year: -1 } basis: BASIS_GROSS")),
              BlamesField("commitments[0].offtake_tonnes_per_year"));
  EXPECT_THAT(Check(project("product: 'Li OH'")), BlamesField("product"));
  EXPECT_THAT(Check(project("capacity_tonnes_per_year: 0 commitments { offtake_tonnes_per_year: 0 } "
                            "basis: BASIS_OXIDE_EQUIVALENT product: 'separated-oxides'")),
              IsOk());
  EXPECT_THAT(Check(project("")), IsOk());
}

TEST(ValidationTest, TheQuantityOfARequirementIsCheckedAsThatOfAStatistic) {
  const auto requirement = [](const std::string& quantity) {
    return ParseProto<v1::Entry>(
        absl::StrCat("requirement { name: 'requirements/r' provenance { source: 's' } quantity { ", quantity, " } }"));
  };
  EXPECT_THAT(Check(requirement("tonnes: 1")), BlamesField("quantity.basis"));
  EXPECT_THAT(Check(requirement("share: 2 basis: BASIS_GROSS")), BlamesField("quantity.share"));
  EXPECT_THAT(Check(requirement("withheld: false")), BlamesField("quantity.withheld"));
  EXPECT_THAT(Check(requirement("withheld: true")), IsOk());
}

TEST(ValidationTest, AnIndicatorHasAValueAndNoQuantity) {
  EXPECT_THAT(Check(Indicator("")), IsOk());
  EXPECT_THAT(Check(Indicator("quantity { tonnes: 1 basis: BASIS_GROSS }")), BlamesField("quantity"));
}

TEST(ValidationTest, NothingEndsBeforeItBegins) {
  const auto bloc = [](const std::string& from, const std::string& to) {
    return ParseProto<v1::Entry>(
        absl::StrCat("bloc { name: 'blocs/EU' provenance { source: 's' } memberships { country: "
                     "'countries/FR' from { ",
                     from, " } to { ", to, " } } }"));
  };
  EXPECT_THAT(Check(bloc("year: 2020", "year: 2019")), BlamesField("memberships[0].to"));
  EXPECT_EQ(ViolationsOf(Check(bloc("year: 2020", "year: 2147483647"))).size(), 1U);
  EXPECT_THAT(Check(bloc("year: 2020 month: 12", "year: 2020 month: 11")), BlamesField("memberships[0].to"));
  EXPECT_THAT(Check(bloc("year: 2020 month: 12 day: 31", "year: 2020")), IsOk());
  EXPECT_THAT(Check(bloc("year: 2020 month: 2 day: 29", "year: 2020 month: 2")), IsOk());
  EXPECT_THAT(Check(ParseProto<v1::Entry>("event { name: 'events/e' began { year: 2020 } ended { year: 2019 } }")),
              BlamesField("ended"));
}

TEST(ValidationTest, UltimateOwnersShareAWhole) {
  const std::string chain =
      "owners { display_name: 'parent' share: 1 } owners { display_name: 'between' share: 1 } "
      "owners { display_name: 'fund' share: 0.6 ultimate: true } ";
  EXPECT_THAT(Check(Supplier(chain)), IsOk());
  EXPECT_THAT(Check(Supplier(chain + "owners { display_name: 'state' share: 0.5 ultimate: true }")),
              BlamesField("owners"));
}

TEST(ValidationTest, FieldsOfALaterReleaseAreRefused) {
  v1::Entry entry = Supplier("owners { display_name: 'a' }");
  EXPECT_THAT(ValidateUnderstood(entry).ToStatus(), IsOk());
  auto& owner = *entry.mutable_supplier()->mutable_owners(0);
  owner.GetReflection()->MutableUnknownFields(&owner)->AddVarint(999, 1);
  EXPECT_THAT(ValidateUnderstood(entry).ToStatus(), BlamesField("owners[0]"));
  v1::Entry beside = Supplier("");
  beside.GetReflection()->MutableUnknownFields(&beside)->AddLengthDelimited(999, "a kind of a later release");
  EXPECT_THAT(ValidateUnderstood(beside).ToStatus(), BlamesField("entry"));
}

TEST(ValidationTest, ListsRepeatNothingAndNameSomething) {
  EXPECT_THAT(Check(Supplier("aliases: 'a' aliases: 'b' aliases: 'a'")), BlamesField("aliases[2]"));
  EXPECT_THAT(Check(Supplier("owners { share: 0.5 } owners { share: 0.5 }")), BlamesField("owners[1]"));
  EXPECT_THAT(Check(ParseProto<v1::Entry>("agreement { name: 'agreements/a' minerals: '' }")),
              BlamesField("minerals[0]"));
  const auto project = ParseProto<v1::Entry>("project { name: 'projects/p' sponsors { } partners { supplier: '' } }");
  EXPECT_THAT(Check(project), BlamesField("sponsors[0]"));
  EXPECT_THAT(Check(project), BlamesField("partners[0]"));
}

}  // namespace
}  // namespace orewatch::registry
