#include "services/ctl/import/known_names.h"

namespace orewatch::ctl {

absl::Status NotingSink::Add(registry::v1::ImportRequest::Row row) {
  if (row.entry().has_mineral()) {
    known_.insert(row.entry().mineral().name());
  } else if (row.entry().has_country()) {
    known_.insert(row.entry().country().name());
  }
  return sink_.Add(std::move(row));
}

}  // namespace orewatch::ctl
