#include "services/ctl/client/entry_sink.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/csv/csv_writer.h"
#include "services/ctl/import/columns.h"
#include "services/ctl/import/entries.h"
#include "services/ctl/import/row_writer.h"

namespace orewatch::ctl {
namespace {

namespace fs = std::filesystem;
using registry::v1::Entry;

constexpr absl::string_view kPartialSuffix = ".partial";

absl::Status WriteError(const std::string& path) {
  return MakeError(absl::StatusCode::kUnavailable, "FILE_UNWRITABLE", absl::StrCat(path, ": cannot be written"));
}

// A file that takes its name only when it is whole.
class WholeFile {
 public:
  explicit WholeFile(std::string path)
      : path_(std::move(path)), stream_(absl::StrCat(path_, kPartialSuffix), std::ios::binary | std::ios::trunc) {}
  ~WholeFile() {
    if (!closed_) {
      std::error_code ignored;
      fs::remove(absl::StrCat(path_, kPartialSuffix), ignored);
    }
  }
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  std::ostream& stream() { return stream_; }
  const std::string& path() const { return path_; }
  absl::Status Close() {
    stream_.close();
    std::error_code error;
    if (stream_) {
      fs::rename(absl::StrCat(path_, kPartialSuffix), path_, error);
    }
    closed_ = stream_ && !error;
    return closed_ ? absl::OkStatus() : WriteError(path_);
  }

 private:
  std::string path_;
  std::ofstream stream_;
  bool closed_ = false;
};

// Textproto or JSON of an ExportResponse, written piece by piece.
class TextSink : public EntrySink {
 public:
  TextSink(Format format, std::unique_ptr<WholeFile> file, std::ostream& out)
      : json_(format == Format::kJson), file_(std::move(file)), out_(file_ == nullptr ? out : file_->stream()) {
    out_ << (json_ ? "{\"entries\":[" : "");
  }

  absl::Status Add(const Entry& entry) override {
    if (json_) {
      out_ << (first_ ? "\n" : ",\n") << JsonText(entry, /*pretty=*/false);
    } else {
      registry::v1::ExportResponse one;
      *one.add_entries() = entry;
      out_ << TextprotoText(one);
    }
    first_ = false;
    return Checked();
  }

  absl::Status Close() override {
    out_ << (json_ ? "\n]}\n" : "") << std::flush;
    OREWATCH_RETURN_IF_ERROR(Checked());
    return file_ == nullptr ? absl::OkStatus() : file_->Close();
  }

 private:
  absl::Status Checked() const {
    return out_ ? absl::OkStatus() : WriteError(file_ == nullptr ? "standard output" : file_->path());
  }

  bool json_;
  bool first_ = true;
  std::unique_ptr<WholeFile> file_;
  std::ostream& out_;
};

// A CSV file for each kind, also of those without entries: one that an earlier export left would be taken for current.
class CsvSink : public EntrySink {
 public:
  explicit CsvSink(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Add(const Entry& entry) override {
    const FileKind* kind = FileKindOf(entry);
    if (kind == nullptr) {
      return absl::OkStatus();  // Today's date: the registry's own, and no file's.
    }
    WholeFile& file = FileOf(*kind);
    for (const auto& row : RowsOf(*kind, entry)) {
      file.stream() << CsvRecord(row);
    }
    return file.stream() ? absl::OkStatus() : WriteError(file.path());
  }

  absl::Status Close() override {
    for (const FileKind& kind : FileKinds()) {
      FileOf(kind);
    }
    for (auto& [kind, file] : files_) {
      OREWATCH_RETURN_IF_ERROR(file->Close());
    }
    return absl::OkStatus();
  }

 private:
  WholeFile& FileOf(const FileKind& kind) {
    std::unique_ptr<WholeFile>& file = files_[kind.name];
    if (file == nullptr) {
      file = std::make_unique<WholeFile>(absl::StrCat(folder_, "/", kind.name, ".csv"));
      file->stream() << CsvRecord(HeaderOf(kind));
    }
    return *file;
  }

  std::string folder_;
  std::map<absl::string_view, std::unique_ptr<WholeFile>> files_;
};

}  // namespace

bool IsFolder(const std::string& path) {
  std::error_code ignored;
  return absl::EndsWith(path, "/") || fs::is_directory(path, ignored);
}

absl::StatusOr<std::unique_ptr<EntrySink>> OpenSink(Format format, const std::string& path, std::ostream& out) {
  const bool to_out = path.empty() || path == "-";
  if (format == Format::kCsv) {
    if (to_out) {
      return UsageError("-o csv writes one file a kind; name a folder with -f");
    }
    std::error_code error;
    fs::create_directories(path, error);
    return error ? absl::StatusOr<std::unique_ptr<EntrySink>>(WriteError(path)) : std::make_unique<CsvSink>(path);
  }
  if (IsFolder(path)) {
    return UsageError(absl::StrCat(path, " is a folder, which takes -o csv"));
  }
  auto file = to_out ? nullptr : std::make_unique<WholeFile>(path);
  if (file != nullptr && !file->stream()) {
    return WriteError(path);
  }
  return std::make_unique<TextSink>(format, std::move(file), out);
}

}  // namespace orewatch::ctl
