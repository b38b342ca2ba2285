#include "services/ctl/import/loader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "services/ctl/import/columns.h"
#include "services/ctl/import/file_reader.h"
#include "services/ctl/import/official/baci_reader.h"
#include "services/ctl/import/official/mappings.h"
#include "services/ctl/import/official/usgs_reader.h"
#include "services/ctl/import/official/wgi_reader.h"
#include "services/ctl/import/row_reader.h"

namespace orewatch::ctl {
namespace {

namespace fs = std::filesystem;

// Of a file that is held: resources, since their rows may be merged to the end, and documents.
constexpr uintmax_t kMaxHeldBytes = uintmax_t{1} << 30;
// Lists stand within one cell; publishers' files have none.
constexpr size_t kMaxOwnCellBytes = size_t{4} << 20;
// A sink is told of so many bytes at once.
constexpr int64_t kProgressBytes = int64_t{64} << 10;

absl::Status NoSuchPath(absl::string_view path) {
  return MakeError(absl::StatusCode::kNotFound, "NO_SUCH_FILE", absl::StrCat(path, ": no such file or folder"));
}

absl::Status Unreadable(absl::string_view path) {
  return MakeError(absl::StatusCode::kUnavailable, "FILE_UNREADABLE", absl::StrCat(path, ": cannot be read"));
}

absl::Status TooLarge(absl::string_view path) {
  return MakeError(absl::StatusCode::kResourceExhausted, "FILE_TOO_LARGE",
                   absl::StrCat(path, ": is larger than ", kMaxHeldBytes, " bytes; split it"));
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

absl::StatusOr<std::vector<std::string>> PathsOf(const std::vector<std::string>& paths) {
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

absl::StatusOr<InputFile> Look(const std::string& path) {
  std::error_code error;
  const uintmax_t size = fs::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) {
    return Unreadable(path);
  }
  CsvOptions options;
  options.encoding = Encoding::kUtf8OrWindows1252;
  std::vector<std::string> fields;
  InputFile file;
  file.path = path;
  file.bytes = static_cast<int64_t>(size);
  // What is no CSV has no header that fits, and the reader of the kind that the name says will tell why.
  if (CsvReader(stream, options).Next(fields).ok()) {
    file.header = Header(fields);
  }
  file.recognised = Recognise(file.header, fs::path(path).filename().string());
  return file;
}

// Whether its rows are kept to the end, since they may be of one resource.
bool IsHeld(const InputFile& file) {
  return file.recognised.kind != nullptr && !file.recognised.kind->collections.empty();
}

// Reads the records of a file into its reader.
absl::Status ReadRecords(const InputFile& file, std::istream& stream, FileReader& reader, FileOutput& output,
                         ImportSink& sink) {
  CsvOptions options;
  options.encoding = EncodingOf(file.recognised.format);
  if (file.recognised.format == FileFormat::kOwn) {
    options.max_field_bytes = kMaxOwnCellBytes;
  }
  CsvReader csv(stream, options);
  std::vector<std::string> fields;
  int64_t told = 0;
  bool header = true;
  while (true) {
    const absl::StatusOr<bool> more = csv.Next(fields);
    if (csv.bytes() - told >= kProgressBytes || !more.ok() || !*more) {
      sink.Advance(csv.bytes() - told);
      told = csv.bytes();
    }
    if (absl::IsUnavailable(more.status())) {
      return Unreadable(file.path);
    }
    if (!more.ok()) {
      if (IsHeld(file)) {
        // A resource of which a row was not read must not take the place of the whole one.
        output.Reject(csv.line(), "", absl::StrCat(more.status().message(), "; nothing of the file was taken"));
        return absl::OkStatus();
      }
      output.Reject(csv.line(), "", absl::StrCat(more.status().message(), "; what follows was not read"));
      break;
    }
    if (!*more) {
      if (header) {
        output.Reject(0, "", "the file is empty; its first line must name the columns");
      }
      break;
    }
    if (!header) {
      OREWATCH_RETURN_IF_ERROR(reader.ReadRecord(csv.line(), fields));
    } else if (!reader.ReadHeader(csv.line(), fields)) {
      break;
    }
    header = false;
  }
  return reader.Finish();
}

std::unique_ptr<FileReader> ReaderOf(const Recognised& recognised, const Mappings& mappings, FileOutput& output,
                                     StatisticOutput& statistics) {
  switch (recognised.format) {
    case FileFormat::kOwn:
      return std::make_unique<RowReader>(*recognised.kind, output);
    case FileFormat::kUsgs:
      return std::make_unique<UsgsReader>(mappings.usgs, mappings.countries, statistics);
    case FileFormat::kWgi:
      return std::make_unique<WgiReader>(mappings.countries, statistics);
    case FileFormat::kBaci:
      return std::make_unique<BaciReader>(mappings.hs6, mappings.countries, statistics);
    case FileFormat::kMapping:
    case FileFormat::kUnknown:
      break;
  }
  return nullptr;
}

void RejectUnknown(FileOutput& output) {
  output.Reject(0, "",
                absl::StrCat("neither the first line nor the name tells a format; known are the USGS Mineral Commodity "
                             "Summaries, the World Bank's WGI, CEPII's BACI, and ",
                             absl::StrJoin(FileKinds(), ", ", [](std::string* out, const FileKind& kind) {
                               absl::StrAppend(out, kind.name, ".csv");
                             })));
}

absl::Status TakeMapping(const InputFile& file, std::istream& stream, Mappings& mappings) {
  const absl::Status status = ReplaceMapping(file.header, stream, mappings);
  return status.ok() ? status
                     : MakeError(status.code(), "TABLE_MALFORMED", absl::StrCat(file.path, ": ", status.message()));
}

absl::Status LoadFile(const InputFile& file, const KnownNames& known, Mappings& mappings, ImportSink& sink) {
  FileOutput output(file.path, sink);
  std::ifstream stream(file.path, std::ios::binary);
  if (!stream) {
    return Unreadable(file.path);
  }
  if (file.recognised.format == FileFormat::kMapping) {
    return TakeMapping(file, stream, mappings);
  }
  if (IsHeld(file) && static_cast<uintmax_t>(file.bytes) > kMaxHeldBytes) {
    return TooLarge(file.path);
  }
  StatisticOutput statistics(output, mappings.countries, known);
  const std::unique_ptr<FileReader> reader = ReaderOf(file.recognised, mappings, output, statistics);
  if (reader == nullptr) {
    RejectUnknown(output);
    return absl::OkStatus();
  }
  return ReadRecords(file, stream, *reader, output, sink);
}

}  // namespace

absl::StatusOr<std::vector<InputFile>> FindFiles(const std::vector<std::string>& paths) {
  OREWATCH_ASSIGN_OR_RETURN(const std::vector<std::string> all, PathsOf(paths));
  std::vector<InputFile> files;
  for (const std::string& path : all) {
    OREWATCH_ASSIGN_OR_RETURN(InputFile file, Look(path));
    files.push_back(std::move(file));
  }
  // Kinds stand in one table, so their addresses are in sending order.
  std::stable_sort(files.begin(), files.end(), [](const InputFile& a, const InputFile& b) {
    return a.recognised.format != b.recognised.format
               ? a.recognised.format < b.recognised.format
               : std::less<const FileKind*>()(a.recognised.kind, b.recognised.kind);
  });
  return files;
}

bool IsOfficial(const InputFile& file) {
  const FileFormat format = file.recognised.format;
  return format == FileFormat::kUsgs || format == FileFormat::kWgi || format == FileFormat::kBaci;
}

absl::Status LoadFiles(const std::vector<InputFile>& files, KnownNames known, ImportSink& sink) {
  NotingSink noting(sink, known);
  Mappings mappings = BuiltInMappings();
  for (const InputFile& file : files) {
    OREWATCH_RETURN_IF_ERROR(LoadFile(file, known, mappings, noting));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  if (path == "-") {
    return ReadStream(std::cin);
  }
  std::error_code error;
  if (!fs::exists(path, error)) {
    return NoSuchPath(path);
  }
  const uintmax_t size = fs::file_size(path, error);
  if (!error && size > kMaxHeldBytes) {
    return TooLarge(path);
  }
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) {
    return Unreadable(path);
  }
  return ReadStream(stream);
}

}  // namespace orewatch::ctl
