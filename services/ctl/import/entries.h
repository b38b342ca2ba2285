// The message within an Entry, by kind of file.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "orewatch/registry/v1/resources.pb.h"
#include "services/ctl/import/columns.h"

namespace orewatch::ctl {

// The resource or statistic that the entry holds, made if it holds another or none.
google::protobuf::Message& MutableResource(const FileKind& kind, registry::v1::Entry& entry);

// What the entry holds; null: nothing.
const google::protobuf::Message* ResourceOf(const registry::v1::Entry& entry);

// Resource name; empty for statistics.
std::string NameOf(const registry::v1::Entry& entry);
void SetName(const FileKind& kind, const std::string& name, registry::v1::Entry& entry);

// The kind of file that would hold the entry; null: none.
const FileKind* FileKindOf(const registry::v1::Entry& entry);

}  // namespace orewatch::ctl
