// Where the rows of files go, and what is said about those that go nowhere.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "orewatch/registry/v1/registry.pb.h"

namespace orewatch::ctl {

enum class Outcome {
  // Something is wrong with the row.
  kRejected,
  // The row is well and says nothing that the registry keeps.
  kLeftOut,
};

// Why a row of a file is not sent. Line 0: the file as such. An empty field: the row as such.
struct Finding {
  Outcome outcome = Outcome::kRejected;
  std::string file;
  int64_t line = 0;
  std::string field;
  std::string reason;
};

// Takes what files hold, in the order in which it must be sent. Thread-compatible.
class ImportSink {
 public:
  virtual ~ImportSink() = default;
  // An error ends the reading and is its result.
  virtual absl::Status Add(registry::v1::ImportRequest::Row row) = 0;
  virtual void Report(Finding finding) = 0;
  // That many bytes more have been read.
  virtual void Advance(int64_t bytes) = 0;
};

// A sink as the reader of one file sees it: it names the file. The sink outlives it.
class FileOutput {
 public:
  FileOutput(std::string file, ImportSink& sink) : file_(std::move(file)), sink_(sink) {}

  absl::Status Add(int64_t line, registry::v1::Entry entry);
  void Reject(int64_t line, absl::string_view field, absl::string_view reason);
  void LeaveOut(int64_t line, absl::string_view field, absl::string_view reason);
  const std::string& file() const { return file_; }

 private:
  std::string file_;
  ImportSink& sink_;
};

}  // namespace orewatch::ctl
