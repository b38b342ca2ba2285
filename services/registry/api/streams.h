// The registry's streams: the change feed, the export, the import.
#pragma once

#include <memory>

#include "common/rpc/service.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "services/registry/domain/visibility.h"
#include "services/registry/engine/importer.h"
#include "services/registry/engine/registry.h"

namespace orewatch::registry {

inline constexpr size_t kMaxStreamBytes = 1'000'000;
inline constexpr size_t kMaxStreamRows = 1000;

// Errors as in Registry::CheckContinues, and INVALID_ARGUMENT.
absl::StatusOr<std::unique_ptr<rpc::StreamSource<v1::ChangeSet>>> OpenWatch(Registry& registry, Viewer viewer,
                                                                            const v1::WatchRequest& request,
                                                                            rpc::Waker waker);

absl::StatusOr<std::unique_ptr<rpc::StreamSource<v1::ExportResponse>>> OpenExport(Registry& registry, Viewer viewer,
                                                                                  const v1::ExportRequest& request,
                                                                                  rpc::Waker waker);

std::unique_ptr<rpc::StreamSink<v1::ImportRequest, v1::ImportResponse>> OpenImport(Registry& registry,
                                                                                   const rpc::CallContext& context);

}  // namespace orewatch::registry
