#include "services/ctl/cli/args.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"

namespace orewatch::ctl {
namespace {

constexpr absl::string_view kUsage = "USAGE";
constexpr size_t kShortFlagLength = 2;

using IsSwitch = absl::FunctionRef<absl::optional<bool>(absl::string_view)>;

// A flag as typed: its name, and its value if it came with `=` or glued to a short name.
struct Typed {
  std::string name;
  absl::optional<std::string> value;
};

absl::StatusOr<Typed> ParseShort(absl::string_view word) {
  absl::string_view value = word.substr(kShortFlagLength);
  Typed typed;
  switch (word[1]) {
    case 'o':
      typed.name = "output";
      break;
    case 'f':
      typed.name = "file";
      break;
    case 'h':
      typed.name = "help";
      break;
    default:
      return UsageError(absl::StrCat("unknown flag ", word));
  }
  absl::ConsumePrefix(&value, "=");
  if (word.size() > kShortFlagLength) {
    typed.value = std::string(value);
  }
  return typed;
}

Typed ParseLong(absl::string_view word) {
  word = absl::StripPrefix(word, "--");
  const size_t equals = word.find('=');
  Typed typed;
  typed.name = absl::StrReplaceAll(word.substr(0, equals), {{"-", "_"}});
  if (equals != absl::string_view::npos) {
    typed.value = std::string(word.substr(equals + 1));
  }
  return typed;
}

// `--noname`, the switch turned off.
bool IsNegated(const Typed& typed, IsSwitch is_switch) {
  return !typed.value.has_value() && absl::StartsWith(typed.name, "no") && is_switch(typed.name.substr(2)) == true;
}

// Adds the flag at `index` and moves on by the words it took.
absl::Status AddFlag(const std::vector<std::string>& words, IsSwitch is_switch, size_t& index, Args& args) {
  const std::string& word = words[index++];
  absl::StatusOr<Typed> typed = absl::StartsWith(word, "--") ? ParseLong(word) : ParseShort(word);
  if (!typed.ok()) {
    return typed.status();
  }
  const absl::optional<bool> known = is_switch(typed->name);
  if (!known.has_value()) {
    if (!IsNegated(*typed, is_switch)) {
      return UsageError(absl::StrCat("unknown flag ", word));
    }
    args.flags.emplace_back(typed->name.substr(2), "false");
    return absl::OkStatus();
  }
  if (!typed->value.has_value() && !*known) {
    if (index == words.size()) {
      return UsageError(absl::StrCat(word, " needs a value"));
    }
    typed->value = words[index++];
  }
  args.flags.emplace_back(typed->name, typed->value.value_or("true"));
  return absl::OkStatus();
}

}  // namespace

absl::Status UsageError(absl::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, kUsage, message);
}

bool IsUsageError(const absl::Status& status) { return ErrorReason(status) == kUsage; }

absl::StatusOr<Args> ParseArgs(const std::vector<std::string>& words, IsSwitch is_switch) {
  Args args;
  size_t index = 0;
  while (index < words.size()) {
    const std::string& word = words[index];
    if (word == "--") {
      args.words.insert(args.words.end(), words.begin() + static_cast<std::ptrdiff_t>(index) + 1, words.end());
      break;
    }
    if (word.size() < kShortFlagLength || word.front() != '-') {
      args.words.push_back(word);
      ++index;
      continue;
    }
    OREWATCH_RETURN_IF_ERROR(AddFlag(words, is_switch, index, args));
  }
  return args;
}

}  // namespace orewatch::ctl
