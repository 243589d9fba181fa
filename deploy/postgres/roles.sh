#!/bin/sh
# Runs once, when the data folder is made: a role for Temporal and one for Evenkeel, neither of them a superuser.
set -eu

psql --username postgres --dbname postgres --set ON_ERROR_STOP=1 \
  --set temporal_password="$TEMPORAL_DB_PASSWORD" --set evenkeel_password="$EVENKEEL_DB_PASSWORD" <<'SQL'
create role temporal login createdb password :'temporal_password';
create role evenkeel login password :'evenkeel_password';
create database evenkeel owner evenkeel;
revoke connect on database evenkeel from public;
SQL
