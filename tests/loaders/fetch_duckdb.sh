#!/usr/bin/env bash
# fetch_duckdb.sh FOLDER: DuckDB's shared library, as its npm package for Node has it, into FOLDER/package; kept.
set -euo pipefail
folder=$1 package=@duckdb/node-bindings-linux-x64@1.5.6-r.1
[ -e "$folder/package/libduckdb.so" ] && exit 0
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
archive=$(npm pack --silent "$package")
tar xzf "$archive" package/libduckdb.so
