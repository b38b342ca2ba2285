// What an entry must be before it is stored.
#pragma once

#include "common/status/status.h"
#include "orewatch/registry/v1/resources.pb.h"

namespace orewatch::registry {

// Of an entry as it is sent, so that a change, with the entry before and after it, fits into a message.
inline constexpr size_t kMaxEntryBytes = 1'000'000;
inline constexpr int kMaxReaders = 1000;
// Of a statistic. Every engine of the store can index it.
inline constexpr size_t kMaxKeyBytes = 900;

// Every field that is missing, out of range or misspelled, by its path within the resource or statistic. The name of a
// resource is checked, its references are only checked for their form.
FieldViolations Validate(const v1::Entry& entry);

// Of a statistic, whose key is made of its texts.
void CheckKeyLength(const v1::Statistic& statistic, FieldViolations& violations);

// Every message of an entry, as it is sent, that holds a field of a later release: it would be kept, and shown,
// unchecked.
FieldViolations ValidateUnderstood(const v1::Entry& entry);

}  // namespace orewatch::registry
