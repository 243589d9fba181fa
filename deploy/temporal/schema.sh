#!/bin/sh
# Makes the two databases of Temporal and brings their schemas up to date. SQL_PASSWORD is read by the tool itself.
set -eu

schemas=/etc/temporal/schema/postgresql/v12

update() {
  database=$1
  versions=$2
  tool="temporal-sql-tool --plugin postgres12 --endpoint postgres --port 5432 --user temporal --database $database"
  $tool create
  $tool setup-schema --version 0.0
  $tool update-schema --schema-dir "$schemas/$versions/versioned"
}

update temporal temporal
update temporal_visibility visibility
