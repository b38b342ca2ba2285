#include "services/registry/domain/field_values.h"

#include <string>
#include <vector>

#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::registry {
namespace {

using ::orewatch::testing::ParseProto;
using ::testing::ElementsAre;

std::vector<std::string> PathsOf(const v1::Supplier& supplier, Onward after_owners = Onward::kInto) {
  std::vector<std::string> paths;
  VisitValues(supplier, [&](const FieldValue& value) {
    paths.push_back(value.Path());
    return value.field.name() == "owners" ? after_owners : Onward::kInto;
  });
  return paths;
}

TEST(FieldValuesTest, VisitsWhatIsSetWithItsPath) {
  const auto supplier = ParseProto<v1::Supplier>(R"pb(
    name: 'suppliers/s'
    aliases: 'a'
    aliases: 'b'
    identifiers { key: 'lei' value: '1' }
    owners { display_name: 'o' }
    owners { supplier: 'suppliers/t' share: 0.5 }
  )pb");
  EXPECT_THAT(PathsOf(supplier), ::testing::UnorderedElementsAre("name", "aliases[0]", "aliases[1]", "identifiers[0]",
                                                                 "identifiers[0].key", "identifiers[0].value",
                                                                 "owners[0]", "owners[0].display_name", "owners[1]",
                                                                 "owners[1].supplier", "owners[1].share"));
}

TEST(FieldValuesTest, GoesOnAsItIsTold) {
  const auto supplier = ParseProto<v1::Supplier>("owners { display_name: 'o' } owners { display_name: 'p' }");
  EXPECT_THAT(PathsOf(supplier, Onward::kPast), ElementsAre("owners[0]", "owners[1]"));
  EXPECT_THAT(PathsOf(supplier, Onward::kPastField), ElementsAre("owners[0]"));
}

}  // namespace
}  // namespace orewatch::registry
