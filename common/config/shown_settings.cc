#include "common/config/shown_settings.h"

#include <algorithm>
#include <array>
#include <map>
#include <regex>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/config/flags.h"
#include "common/hash/sha256.h"

namespace orewatch::config {
namespace {

constexpr char kMask[] = "***";
// The file that holds it.
constexpr absl::string_view kNamedLikeASecret = "alertmanager_hook_secret";
// What replicas rightly have each of their own.
constexpr std::array<absl::string_view, 10> kOfThisPlace = {
    "address",      "admin_address", "alertmanager_hook_address",
    "audit_anchor", "audit_log",     "audit_process",
    "config",       "data_dir",      "log_calls",
    "log_level"};
constexpr int kHashBytes = 6;
constexpr int kBitsOfByte = 8;

std::map<std::string, const absl::CommandLineFlag*> OwnFlags() {
  std::map<std::string, const absl::CommandLineFlag*> own;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    const std::string file = flag->Filename();
    if (absl::StrContains(file, "common/") || absl::StrContains(file, "services/")) {
      own.emplace(name, flag);
    }
  }
  return own;
}

}  // namespace

std::string MaskSecrets(absl::string_view name, absl::string_view value) {
  for (const char* ending : {"password", "secret", "token", "api_key"}) {
    if (absl::EndsWith(name, ending) && name != kNamedLikeASecret && !value.empty()) {
      return kMask;
    }
  }
  // Up to the last @, since whoever writes one into a password may forget to encode it, as with a slash. What is only a
  // port ends the host.
  static const std::regex in_url(R"((://[^/@:\s]*:)(?!\d*(?:[/,?]|$))\S*@)");
  static const std::regex in_pairs(R"re(((?:password|passwd|secret|token|key)\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s&]+))re",
                                   std::regex::icase);
  const std::string masked = std::regex_replace(std::string(value), in_url, absl::StrCat("$1", kMask, "@"));
  return std::regex_replace(masked, in_pairs, absl::StrCat("$1", kMask));
}

std::vector<ShownSetting> ShowSettings() {
  std::vector<ShownSetting> settings;
  for (const auto& [name, flag] : OwnFlags()) {
    settings.push_back({name, MaskSecrets(name, flag->CurrentValue()), OriginOf(name)});
  }
  return settings;
}

int64_t HashSettings() {
  Sha256 hash;
  for (const auto& [name, flag] : OwnFlags()) {
    if (std::find(kOfThisPlace.begin(), kOfThisPlace.end(), name) == kOfThisPlace.end()) {
      // Lengths, so that no two lists read alike.
      const std::string value = flag->CurrentValue();
      hash.Add(absl::StrCat(name, " ", value.size(), " ", value, "\n"));
    }
  }
  const std::string digest = hash.Finish();
  int64_t number = 0;
  for (int i = 0; i < kHashBytes; ++i) {
    number = (number << kBitsOfByte) | static_cast<unsigned char>(digest.at(static_cast<size_t>(i)));
  }
  return number;
}

}  // namespace orewatch::config
