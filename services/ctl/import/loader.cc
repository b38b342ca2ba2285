#include "services/ctl/import/loader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/ctl/import/columns.h"

namespace orewatch::ctl {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kMaxFileBytes = uintmax_t{1} << 30;
constexpr size_t kBatchRows = 500;
// Leaves room below the registry's limit of 1 MiB for the fields beside the rows.
constexpr size_t kBatchBytes = 1'000'000;

absl::Status NoSuchPath(absl::string_view path) {
  return MakeError(absl::StatusCode::kNotFound, "NO_SUCH_FILE", absl::StrCat(path, ": no such file or folder"));
}

absl::Status Unreadable(absl::string_view path) {
  return MakeError(absl::StatusCode::kUnavailable, "FILE_UNREADABLE", absl::StrCat(path, ": cannot be read"));
}

std::string ReadStream(std::istream& stream) {
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

absl::StatusOr<std::vector<std::string>> CsvFilesIn(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".csv") {
      files.push_back(entry->path().string());
    }
  }
  if (error) {
    return Unreadable(folder);
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<std::vector<std::string>> FilesOf(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::exists(path, error)) {
      return NoSuchPath(path);
    }
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    OREWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> inside, CsvFilesIn(path));
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

const FileKind* KindOfPath(const std::string& path) { return FileKindOf(fs::path(path).filename().string()); }

void RejectUnknownFile(const std::string& file, ReadResult& result) {
  auto& rejection = result.rejections.emplace_back();
  rejection.set_file(file);
  rejection.set_reason(absl::StrCat("the name says no kind of file; known are ",
                                    absl::StrJoin(FileKinds(), ", ", [](std::string* out, const FileKind& kind) {
                                      absl::StrAppend(out, kind.name, ".csv");
                                    })));
}

template <typename T>
void MoveAll(std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  if (path == "-") {
    return ReadStream(std::cin);
  }
  std::error_code error;
  if (!fs::exists(path, error)) {
    return NoSuchPath(path);
  }
  const uintmax_t size = fs::file_size(path, error);
  if (!error && size > kMaxFileBytes) {
    return MakeError(absl::StatusCode::kResourceExhausted, "FILE_TOO_LARGE",
                     absl::StrCat(path, ": is larger than ", kMaxFileBytes, " bytes; split it"));
  }
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) {
    return Unreadable(path);
  }
  return ReadStream(stream);
}

absl::StatusOr<ReadResult> LoadPaths(const std::vector<std::string>& paths) {
  OREWATCH_ASSIGN_OR_RETURN(std::vector<std::string> files, FilesOf(paths));
  // Kinds stand in one table, so their addresses are in sending order; files of no kind come first.
  std::stable_sort(files.begin(), files.end(), [](const std::string& a, const std::string& b) {
    return std::less<const FileKind*>()(KindOfPath(a), KindOfPath(b));
  });
  ReadResult result;
  for (const std::string& file : files) {
    const FileKind* kind = KindOfPath(file);
    if (kind == nullptr) {
      RejectUnknownFile(file, result);
      continue;
    }
    OREWATCH_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    ReadResult rows = ReadRows(*kind, file, text);
    MoveAll(rows.rows, result.rows);
    MoveAll(rows.rejections, result.rejections);
  }
  return result;
}

size_t BatchEnd(const std::vector<registry::v1::ImportRequest::Row>& rows, size_t begin) {
  size_t bytes = 0;
  size_t end = begin;
  while (end < rows.size() && end - begin < kBatchRows) {
    bytes += rows[end].ByteSizeLong();
    if (end > begin && bytes > kBatchBytes) {
      break;
    }
    ++end;
  }
  return end;
}

}  // namespace orewatch::ctl
