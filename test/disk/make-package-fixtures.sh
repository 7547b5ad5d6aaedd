#!/usr/bin/env bash
# Makes test/fixtures/disk/packages/: rpm databases with the same packages in SQLite and in a Berkeley DB hash (in both byte orders),
# one in SQLite with a change that is only in its write-ahead log, and the list that rpm itself prints. Run by hand; needs rpm, sqlite3
# and db5.3-util. packages.db.gz was written from the same headers by rpm's own lib/backend/ndb/rpmpkg.c, which Debian does not build:
# `--ndb PROGRAM` makes it again with a PROGRAM that takes a file, and lines with a number and a header in hex.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=$PWD/test/fixtures/disk/packages
mkdir -p "$out"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Forty packages of one source package, one of them with so many files that its header takes many pages, and one of another.
{
  printf 'Name: large\nVersion: 10.1\nRelease: 3.el9\nEpoch: 2\nSummary: s\nLicense: GPLv2+ and MIT\n%%description\nd\n'
  for number in $(seq 1 40); do
    printf '%%package part%s\nSummary: s\nLicense: MIT\n%%description part%s\nd\n%%files part%s\n' "$number" "$number" "$number"
  done
  printf '%%install\nmkdir -p %%{buildroot}/usr/share/large\n'
  printf 'for n in $(seq 1 400); do : > %%{buildroot}/usr/share/large/file-$n; done\n%%files\n/usr/share/large\n'
} >"$scratch/large.spec"
printf '%s\n' 'Name: small-data' 'Version: 1.0~rc1' 'Release: 1' 'Summary: s' 'License: MIT' 'BuildArch: noarch' '%description' d '%files' \
  >"$scratch/small.spec"
build() {
  SOURCE_DATE_EPOCH=1700000000 rpmbuild --quiet --define "_topdir $scratch/top" --define '_buildhost localhost' \
    --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' -bb "$1" >/dev/null 2>&1
}
build "$scratch/large.spec"
build "$scratch/small.spec"

db=$scratch/db
mkdir "$db"
list=(--qf '%{NAME}|%{EVR}|%{RELEASE}|%{ARCH}|%{SOURCERPM}|%{LICENSE}\n')
rpm --dbpath "$db" --define '_db_backend sqlite' --initdb
find "$scratch/top/RPMS" -name '*.rpm' -print0 | sort -z | xargs -0 rpm --dbpath "$db" -i --justdb --nodeps 2>/dev/null
rpm --dbpath "$db" -e --justdb --nodeps large-part7
rpm --dbpath "$db" -qa "${list[@]}" | sort >"$out/packages.txt"
gzip -9n <"$db/rpmdb.sqlite" >"$out/rpmdb.sqlite.gz"

# The same with one package removed, a change that is only in the write-ahead log.
cp "$db/rpmdb.sqlite" "$scratch/logged"
sqlite3 "$scratch/logged" >/dev/null <<SQL
PRAGMA wal_autocheckpoint=0;
BEGIN;
DELETE FROM Packages WHERE hnum = (SELECT hnum FROM Name WHERE key = 'small-data');
DELETE FROM Name WHERE key = 'small-data';
COMMIT;
.shell cp $scratch/logged $scratch/main && cp $scratch/logged-wal $scratch/wal
SQL
gzip -9n <"$scratch/main" >"$out/logged.sqlite.gz"
gzip -9n <"$scratch/wal" >"$out/logged.sqlite-wal.gz"

headers() { sqlite3 -separator ' ' "$db/rpmdb.sqlite" 'SELECT hnum, lower(hex(blob)) FROM Packages ORDER BY hnum'; }
berkeley() {
  {
    printf 'VERSION=3\nformat=bytevalue\ntype=hash\ndb_pagesize=4096\n%sHEADER=END\n 00000000\n 30000000\n' "$1"
    headers | while read -r number header; do
      printf ' %02x%02x0000\n %s\n' $((number % 256)) $((number / 256)) "$header"
    done
    echo DATA=END
  } | db5.3_load "$2"
}
berkeley '' "$scratch/little"
berkeley $'db_lorder=4321\n' "$scratch/big"
gzip -9n <"$scratch/little" >"$out/berkeley.gz"
gzip -9n <"$scratch/big" >"$out/berkeley-big-endian.gz"
if [ "${1:-}" = --ndb ]; then
  headers | "$2" "$scratch/ndb"
  gzip -9n <"$scratch/ndb" >"$out/packages.db.gz"
fi
ls -l "$out"
