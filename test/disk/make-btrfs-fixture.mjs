// Makes test/fixtures/disk/file-systems/btrfs.gz with btrfs-progs and the kernel of this machine. Run by hand, as root: it mounts a
// file of its own, invisible to other processes, and releases the loop device afterwards.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const script = `
truncate -s 128M image
mkfs.btrfs -q -n 4096 -m dup -L 'a label' -U 01234567-89ab-cdef-0123-456789abcdef image
mkdir top
mount -t btrfs -o loop,nossd,max_inline=2048 image top
here=$PWD
trap 'cd / && umount "$here/top"' EXIT

# As in distributions: the system in the default subvolume, others beside it.
btrfs -q subvolume create top/root
btrfs -q subvolume create top/home
btrfs -q subvolume set-default "$(btrfs inspect-internal rootid top/root)" top
echo 'not in the default subvolume' >top/above
cd top/root

echo 'a few bytes' >inline
: >empty
seq 1 3000 >plain
mkdir -p etc/deep
echo 'ID=test' >etc/deep/os-release
ln -s etc/deep/os-release link
mkfifo fifo
printf 'u' >'übergroß'
printf 'latin' >"$(printf 'gr\\374n')"
chown 1000:1001 inline
chmod 4751 inline
# Names with the same hash.
mkdir same
echo one >same/@ONE@
echo two >same/@TWO@
mkdir many
for number in $(seq 1 520); do : >"many/$number"; done

# Holes, and extents that are allocated but not written.
truncate -s 3M sparse
echo middle | dd of=sparse bs=1 seek=1050000 conv=notrunc status=none
cp inline grown && truncate -s 100000 grown
fallocate -l 64K preallocated
echo start | dd of=preallocated bs=1 conv=notrunc status=none

# Compressed: inline, in one extent, in several, partly overwritten, and shared.
for kind in zlib lzo zstd; do
  mkdir $kind
  btrfs property set $kind compression $kind
  seq -s, 1 300 | tr 0-9 a-c >$kind/inline
  seq 1 2000 >$kind/piece
  printf 'the same line over and over\\n%.0s' $(seq 1 11000) >$kind/pieces
  sync
  cp $kind/pieces $kind/patched
  sync
  dd if=plain of=$kind/patched bs=4096 count=1 seek=10 conv=notrunc status=none
  cp --reflink=always $kind/pieces $kind/shared
  truncate -s 150001 $kind/shared
done

find . -exec touch -h -d @1700000000 {} +

# A subvolume in another one, a snapshot of the directory around them, a read-only snapshot of the outer one, a deleted subvolume.
btrfs -q subvolume create nested
echo 'in the nested one' >nested/file
btrfs -q subvolume create nested/deeper
echo 'in the deeper one' >nested/deeper/file
btrfs -q subvolume snapshot . snapshot
btrfs -q subvolume snapshot -r nested read-only
btrfs -q subvolume create gone
btrfs -q subvolume delete -c gone
cd ../..
sync
fstrim top
`;

const scratch = mkdtempSync(join(tmpdir(), 'btrfs-'));
try {
  const outfile = join(scratch, 'volume.mjs');
  const entry = fileURLToPath(new URL('../support/disk/volumes/btrfs-volume.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
  /** @type {typeof import('../support/disk/volumes/btrfs-volume.ts')} */
  const { compactBtrfs, namesOfOneHash } = await import(pathToFileURL(outfile).href);
  const [one, two] = namesOfOneHash;
  const commands = script.replace('@ONE@', one).replace('@TWO@', two);
  execFileSync('unshare', ['-m', 'bash', '-euo', 'pipefail', '-c', commands], { cwd: scratch, stdio: 'inherit' });
  const packed = gzipSync(compactBtrfs(readFileSync(join(scratch, 'image'))), { level: 9 });
  const fixtures = fileURLToPath(new URL('../fixtures/disk/file-systems/', import.meta.url));
  mkdirSync(fixtures, { recursive: true });
  writeFileSync(join(fixtures, 'btrfs.gz'), packed);
  process.stdout.write(`btrfs: ${packed.length}\n`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
