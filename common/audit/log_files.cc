#include "common/audit/log_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/audit/record.h"
#include "common/status/status.h"

namespace orewatch::audit {
namespace {

constexpr int kDigits = 19;

bool IsArchiveOf(const std::string& name, const std::string& of) {
  if (!absl::StartsWith(name, absl::StrCat(of, ".")) || name.size() != of.size() + 1 + kDigits) {
    return false;
  }
  return std::all_of(name.end() - kDigits, name.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

}  // namespace

std::string ArchiveName(const std::string& path, int64_t first_sequence) {
  return absl::StrFormat("%s.%0*d", path, kDigits, first_sequence);
}

std::vector<std::string> FilesOf(const std::string& path) {
  const std::filesystem::path current(path);
  std::vector<std::string> files;
  std::error_code error;
  const auto folder = current.has_parent_path() ? current.parent_path() : std::filesystem::path(".");
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (IsArchiveOf(entry.path().filename(), current.filename())) {
      files.push_back(current.has_parent_path() ? entry.path().string() : entry.path().filename().string());
    }
  }
  std::sort(files.begin(), files.end());
  if (std::filesystem::exists(current, error)) {
    files.push_back(path);
  }
  return files;
}

absl::Status ForEachLine(const std::string& file, absl::FunctionRef<void(const Line& line)> take) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    const int error = errno;
    return MakeError(error == ENOENT ? absl::StatusCode::kNotFound : absl::StatusCode::kUnavailable,
                     "AUDIT_LOG_UNREADABLE", absl::StrCat("cannot read ", file, ": ", std::strerror(error)));
  }
  constexpr int kEnd = std::streambuf::traits_type::eof();
  std::streambuf& bytes = *in.rdbuf();
  std::string text;
  Line line{"", 1, 0, 0, false};
  for (; bytes.sgetc() != kEnd; ++line.number, line.begin = line.end) {
    text.clear();
    line.whole = false;
    for (int c = bytes.sbumpc(); c != kEnd && !line.whole; c = line.whole ? c : bytes.sbumpc()) {
      ++line.end;
      line.whole = c == '\n';
      // Nobody knows what the file holds: of a line no more is kept than shows that it is no record.
      if (!line.whole && text.size() <= kMaxLineBytes) {
        text.push_back(static_cast<char>(c));
      }
    }
    line.text = text;
    take(line);
  }
  return absl::OkStatus();
}

}  // namespace orewatch::audit
