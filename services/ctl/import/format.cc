#include "services/ctl/import/format.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "services/ctl/import/official/baci_reader.h"
#include "services/ctl/import/official/mappings.h"
#include "services/ctl/import/official/usgs_reader.h"
#include "services/ctl/import/official/wgi_reader.h"

namespace orewatch::ctl {
namespace {

// The header has every column that the kind must have, and none that it does not know.
bool Fits(const Header& header, const FileKind& kind) {
  absl::flat_hash_set<absl::string_view> known;
  for (const Column& column : kind.columns) {
    if (header.Has(column.header)) {
      known.insert(column.header);
    } else if (column.need != Need::kOptional) {
      return false;
    }
  }
  return known.size() == header.size();
}

const FileKind* KindOf(const Header& header) {
  const auto kinds = FileKinds();
  const auto fits = std::find_if(kinds.begin(), kinds.end(), [&](const FileKind& kind) { return Fits(header, kind); });
  return fits == kinds.end() ? nullptr : &*fits;
}

}  // namespace

Recognised Recognise(const Header& header, absl::string_view file_name) {
  if (IsMapping(header)) {
    return {FileFormat::kMapping, nullptr};
  }
  if (header.HasAll(UsgsReader::Columns())) {
    return {FileFormat::kUsgs, nullptr};
  }
  if (header.HasAll(WgiReader::Columns())) {
    return {FileFormat::kWgi, nullptr};
  }
  if (header.HasAll(BaciReader::Columns())) {
    return {FileFormat::kBaci, nullptr};
  }
  const FileKind* kind = KindOf(header);
  kind = kind == nullptr ? FileKindOf(file_name) : kind;
  return {kind == nullptr ? FileFormat::kUnknown : FileFormat::kOwn, kind};
}

Encoding EncodingOf(FileFormat format) {
  return format == FileFormat::kUsgs ? Encoding::kUtf8OrWindows1252 : Encoding::kUtf8;
}

}  // namespace orewatch::ctl
