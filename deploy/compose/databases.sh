#!/bin/bash
# Read by the entry point of PostgreSQL's image when its volume is new: for each service that keeps something a role, with a password of its own,
# and a database that belongs to it and that nobody else may connect to.
set -eu
for service in registry risk alerting; do
  psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres --set=service="$service" --set=password="$(cat "/run/secrets/${service}_password")" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service" ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
