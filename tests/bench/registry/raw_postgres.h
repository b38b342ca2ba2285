// The rows that the registry writes, as PostgreSQL itself writes them fastest: COPY, out of one database into another.
#pragma once

#include <cstdint>
#include <string>

namespace orewatch::bench {

// A new, empty database of the server that all subjects share; its connection string.
std::string NewPostgresDatabase();

int64_t PostgresDatabaseBytes(const std::string& database);

// Copies the tables of a registry, in one transaction and durable, into a new database with the same tables and
// indexes; returns how many changes of entries that were, per second. Aborts if anything fails.
double CopiedPerSecond(const std::string& database);

}  // namespace orewatch::bench
