#include "common/storage/storage_metrics.h"

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/time/time.h"

namespace orewatch::storage {
namespace {

constexpr absl::Duration kLookEvery = absl::Seconds(1);

const char* ClassOf(WriteError error) {
  switch (error) {
    case WriteError::kFull:
      return "full";
    case WriteError::kIo:
      return "io";
    case WriteError::kReadOnly:
      return "readonly";
    case WriteError::kOther:
      return "other";
  }
  return "other";
}

std::filesystem::path FolderOf(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? std::filesystem::path(".") : folder;
}

// Files may go while they are looked at.
int64_t SizeOf(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  int64_t size = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator at(FolderOf(path), error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    const auto bytes = at->is_regular_file(gone) ? at->file_size(gone) : 0;
    if (!gone && absl::StartsWith(at->path().filename().string(), name)) {
      size += static_cast<int64_t>(bytes);
    }
  }
  return size;
}

}  // namespace

WriteError WriteErrorOf(int system_error) {
  switch (system_error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return WriteError::kFull;
    case EIO:
      return WriteError::kIo;
    case EROFS:
    case EACCES:
    case EPERM:
      return WriteError::kReadOnly;
    default:
      return WriteError::kOther;
  }
}

StorageMetrics::StorageMetrics(prometheus::Registry& registry, const std::string& store, const std::string& path)
    : path_(path),
      free_(metrics::AddGauges(registry, "orewatch_storage_free_bytes", "Left on the disk for a store.")
                .Add({{"store", store}})),
      capacity_(metrics::AddGauges(registry, "orewatch_storage_capacity_bytes",
                                   "What is left on the disk of a store and what is taken, whoever took it.")
                    .Add({{"store", store}})),
      size_(metrics::AddGauges(registry, "orewatch_storage_size_bytes", "Taken by the files of a store.")
                .Add({{"store", store}})),
      errors_(metrics::AddCounters(registry, "orewatch_storage_write_errors_total", "Writes that failed, by why."),
              "class", {"full", "io", "readonly", "other"}, {{"store", store}}),
      looks_(
          [this] {
            Look();
            return kLookEvery;
          },
          kLookEvery) {
  Look();
}

void StorageMetrics::CountWriteError(WriteError error) { errors_.Of(ClassOf(error)).Increment(); }

void StorageMetrics::Look() {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(FolderOf(path_), error);
  if (!error) {
    free_.Set(static_cast<double>(space.available));
    // Without what is reserved for root, which no store ever gets.
    capacity_.Set(static_cast<double>(space.capacity - (space.free - space.available)));
  }
  size_.Set(static_cast<double>(SizeOf(path_)));
}

}  // namespace orewatch::storage
