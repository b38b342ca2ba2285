#include "common/config/flags.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <utility>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

ABSL_FLAG(std::string, config, "", "Settings file: a textproto whose fields are flag names.");

namespace orewatch::config {
namespace {

using google::protobuf::io::Tokenizer;

constexpr int kUsageError = 2;

class FirstError final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int /*column*/, const std::string& message) override {
    if (text.empty()) {
      text = absl::StrCat("line ", line + 1, ": ", message);
    }
  }
  std::string text;
};

// By the name of the flag. Written before there are threads.
std::map<std::string, std::string, std::less<>>& Origins() {
  static auto* const origins = new std::map<std::string, std::string, std::less<>>;
  return *origins;
}

[[noreturn]] void ExitWithUsageError(const std::string& message) {
  std::cerr << "error: " << message << "\n";
  std::exit(kUsageError);
}

// The value of a scalar as a flag wants it.
absl::StatusOr<std::string> ReadValue(Tokenizer& tokens) {
  std::string sign;
  if (tokens.current().text == "-") {
    sign = "-";
    tokens.Next();
  }
  const Tokenizer::Token& token = tokens.current();
  std::string value = token.text;
  if (token.type == Tokenizer::TYPE_STRING) {
    value.clear();
    Tokenizer::ParseString(token.text, &value);
  } else if (token.type == Tokenizer::TYPE_SYMBOL || token.type == Tokenizer::TYPE_END) {
    return absl::InvalidArgumentError(absl::StrCat("line ", token.line + 1, ": a value is missing"));
  }
  tokens.Next();
  return sign + value;
}

void SetFlag(const std::string& name, const std::string& value, const std::string& origin) {
  absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
  if (flag == nullptr) {
    ExitWithUsageError(absl::StrCat(origin, ": there is no setting '", name, "'"));
  }
  if (std::string problem; !flag->ParseFrom(value, &problem)) {
    ExitWithUsageError(absl::StrCat(origin, ": '", value, "' is no value of '", name, "': ", problem));
  }
  Origins()[name] = origin;
}

void ApplyFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    ExitWithUsageError(absl::StrCat("--config: cannot read ", path));
  }
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto settings = ParseSettings(text);
  if (!settings.ok()) {
    ExitWithUsageError(absl::StrCat(path, ": ", std::string(settings.status().message())));
  }
  for (const Setting& setting : *settings) {
    SetFlag(setting.name, setting.value, path);
  }
}

std::string ConfigPath(int argc, char** argv) {
  const char* from_environment = std::getenv("OREWATCH_CONFIG");
  std::string path = from_environment != nullptr ? from_environment : "";
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (!absl::ConsumePrefix(&argument, "-")) {
      continue;
    }
    absl::ConsumePrefix(&argument, "-");
    if (absl::ConsumePrefix(&argument, "config=")) {
      path = std::string(argument);
    } else if (argument == "config" && i + 1 < argc) {
      path = argv[i + 1];
    }
  }
  return path;
}

// Absl's own, which are no flags to it.
bool AsksForUsage(absl::string_view name) {
  return absl::StartsWith(name, "help") || name == "version" || name == "only_check_args";
}

// What absl would end the process for, with 1 and lines of its own.
void CheckArguments(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (argument == "--") {
      return;
    }
    if (!absl::ConsumePrefix(&argument, "-") || argument.empty()) {
      continue;
    }
    absl::ConsumePrefix(&argument, "-");
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(argument, absl::MaxSplits('=', 1));
    absl::CommandLineFlag* flag = absl::FindCommandLineFlag(parts.first);
    const bool has_value = absl::StrContains(argument, "=");
    if (flag == nullptr && AsksForUsage(parts.first)) {
      continue;
    }
    if (flag == nullptr) {
      absl::string_view negated = argument;
      if (!absl::ConsumePrefix(&negated, "no") || absl::FindCommandLineFlag(negated) == nullptr) {
        ExitWithUsageError(absl::StrCat("there is no flag --", parts.first));
      }
      continue;
    }
    if (!has_value && (flag->IsOfType<bool>() || i + 1 == argc)) {
      continue;
    }
    const std::string value(has_value ? parts.second : argv[++i]);
    if (std::string problem; !flag->ParseFrom(value, &problem)) {
      ExitWithUsageError(absl::StrCat("--", parts.first, ": '", value, "' is no value of it: ", problem));
    }
  }
}

void ApplyEnvironment() {
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    const std::string variable = absl::StrCat("OREWATCH_", absl::AsciiStrToUpper(name));
    if (const char* value = std::getenv(variable.c_str())) {
      SetFlag(std::string(name), value, variable);
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<Setting>> ParseSettings(absl::string_view text) {
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  FirstError errors;
  Tokenizer tokens(&input, &errors);
  tokens.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
  std::vector<Setting> settings;
  tokens.Next();
  while (errors.text.empty() && tokens.current().type != Tokenizer::TYPE_END) {
    const int line = tokens.current().line + 1;
    Setting setting{tokens.current().text, ""};
    if (tokens.current().type != Tokenizer::TYPE_IDENTIFIER || !tokens.Next() || tokens.current().text != ":") {
      return absl::InvalidArgumentError(absl::StrCat("line ", line, ": expected 'name: value'"));
    }
    tokens.Next();
    OREWATCH_ASSIGN_OR_RETURN(setting.value, ReadValue(tokens));
    settings.push_back(std::move(setting));
  }
  if (!errors.text.empty()) {
    return absl::InvalidArgumentError(errors.text);
  }
  return settings;
}

void DescribeProgram(const std::string& usage, const std::string& version) {
  absl::SetProgramUsageMessage(usage);
  // By default absl lists what the file of main() defines, of which it knows the name only.
  const auto ours = [](absl::string_view file) {
    return absl::StrContains(file, "common/") || absl::StrContains(file, "services/");
  };
  absl::FlagsUsageConfig config;
  config.contains_helpshort_flags = ours;
  config.contains_help_flags = ours;
  config.version_string = [version] { return version + "\n"; };
  absl::SetFlagsUsageConfig(config);
}

std::vector<std::string> ParseCommandLine(int argc, char** argv) {
  if (const std::string path = ConfigPath(argc, argv); !path.empty()) {
    ApplyFile(path);
  }
  ApplyEnvironment();
  std::map<std::string, std::string> before;
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    before[std::string(name)] = flag->CurrentValue();
  }
  CheckArguments(argc, argv);
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  for (const auto& [name, flag] : absl::GetAllFlags()) {
    if (flag->CurrentValue() != before[std::string(name)]) {
      Origins()[std::string(name)] = "flag";
    }
  }
  return {rest.begin() + 1, rest.end()};
}

std::string OriginOf(absl::string_view flag) {
  const auto origin = Origins().find(std::string(flag));
  return origin == Origins().end() ? "default" : origin->second;
}

}  // namespace orewatch::config
