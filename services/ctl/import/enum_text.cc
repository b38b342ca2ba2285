#include "services/ctl/import/enum_text.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace orewatch::ctl {
namespace {

// `STAGE_` of STAGE_UNSPECIFIED, which every enumeration begins with.
absl::string_view PrefixOf(const google::protobuf::EnumDescriptor& type) {
  return absl::StripSuffix(type.value(0)->name(), "UNSPECIFIED");
}

std::string Readable(const google::protobuf::EnumValueDescriptor& value) {
  const absl::string_view bare = absl::StripPrefix(value.name(), PrefixOf(*value.type()));
  return absl::StrReplaceAll(absl::AsciiStrToLower(bare), {{"_", "-"}});
}

}  // namespace

absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view text) {
  const std::string wanted = absl::StrReplaceAll(absl::AsciiStrToUpper(text), {{"-", "_"}, {" ", "_"}});
  std::vector<std::string> known;
  for (int i = 1; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    if (wanted == value.name() || wanted == absl::StripPrefix(value.name(), PrefixOf(type))) {
      return value.number();
    }
    known.push_back(Readable(value));
  }
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not one of ", absl::StrJoin(known, ", ")));
}

std::string EnumText(const google::protobuf::EnumDescriptor& type, int number) {
  const auto* value = type.FindValueByNumber(number);
  if (value == nullptr) {
    return absl::StrCat(number);
  }
  return value->index() == 0 ? "" : Readable(*value);
}

}  // namespace orewatch::ctl
