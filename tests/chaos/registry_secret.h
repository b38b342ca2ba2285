// What only those who can read the registry's storage know: by it the digests of its history are made.
#pragma once

#include <string>

namespace orewatch::testing {

// Of the file of a registry that may be running. Empty, and a failure, if it cannot be read.
std::string SecretOfFile(const std::string& path);
// Of a database: its libpq connection string or URI.
std::string SecretOfDatabase(const std::string& address);

}  // namespace orewatch::testing
