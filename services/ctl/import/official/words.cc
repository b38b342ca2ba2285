#include "services/ctl/import/official/words.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/import/official/table.h"

namespace orewatch::ctl {
namespace {

constexpr size_t kMaxIdBytes = 63;

template <typename Enum>
absl::StatusOr<Enum> Parse(int64_t line, absl::string_view text, const google::protobuf::EnumDescriptor& type) {
  const absl::StatusOr<int> number = ParseEnum(type, text);
  return number.ok() ? absl::StatusOr<Enum>(static_cast<Enum>(*number)) : TableError(line, number.status().message());
}

}  // namespace

absl::StatusOr<type::v1::Stage> ParseStage(int64_t line, absl::string_view text) {
  return Parse<type::v1::Stage>(line, text, *type::v1::Stage_descriptor());
}

absl::StatusOr<type::v1::Basis> ParseBasis(int64_t line, absl::string_view text) {
  return Parse<type::v1::Basis>(line, text, *type::v1::Basis_descriptor());
}

absl::StatusOr<registry::v1::Mineral::Kind> ParseMineralKind(int64_t line, absl::string_view text) {
  return Parse<registry::v1::Mineral::Kind>(line, text, *registry::v1::Mineral::Kind_descriptor());
}

std::string IdOf(absl::string_view name) {
  std::string id;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte)) {
      id.push_back(absl::ascii_tolower(byte));
    } else if (!id.empty() && id.back() != '-') {
      id.push_back('-');
    }
  }
  id.resize(std::min(id.size(), kMaxIdBytes));
  while (!id.empty() && id.back() == '-') {
    id.pop_back();
  }
  return id;
}

}  // namespace orewatch::ctl
