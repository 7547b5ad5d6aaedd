// What qemu-img says about the same images, where it is installed. Where it disagrees, the reason is written down.
import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DiskFinding } from '../../../src/disk/parsing/finding.ts';
import { PassingInspector } from '../../../src/disk/passing.ts';
import { FileSource, ForwardSource, inspectSource } from '../../../src/disk/source.ts';
import { corpus, type Sample } from '../../support/disk/corpus.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { isProof } from '../../support/thoroughness.ts';

const isInstalled = ((): boolean => {
  try {
    execFileSync('qemu-img', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
if (!isInstalled) process.stderr.write('skipped, qemu-img is not on PATH: the comparison with it\n');

interface Said {
  readonly format: string;
  readonly size: bigint;
  readonly backing: string | null;
}

/** Null if it refuses. */
function askQemu(path: string, ...options: readonly string[]): Said | null {
  try {
    const command = ['info', '--output=json', ...options, path];
    const text = execFileSync('qemu-img', command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const info = JSON.parse(text) as Record<string, unknown>;
    const backing = (info['backing-filename'] as string | undefined) ?? null;
    return { format: String(info['format']), size: BigInt(Number(info['virtual-size'])), backing };
  } catch {
    return null;
  }
}

async function inspectPath(path: string): Promise<DiskFinding> {
  const handle = await open(path);
  try {
    return await inspectSource(new FileSource(handle, (await handle.stat()).size), true);
  } finally {
    await handle.close();
  }
}

/** Our names in QEMU's. */
const qemuNames: Readonly<Record<string, string>> = { vhd: 'vpc', ploop: 'parallels' };

function inQemusWords({ format, virtualSize, backingFile }: DiskFinding): Said {
  return { format: qemuNames[format] ?? format, size: virtualSize ?? -1n, backing: backingFile };
}

function isUnsafe({ hazards }: DiskFinding): boolean {
  return hazards.some(({ severity }) => severity === 'unsafe');
}

/** A raw disk as QEMU sees it: in whole sectors. */
function rawOf(bytes: number): Said {
  return { format: 'raw', size: BigInt(Math.ceil(bytes / 512) * 512), backing: null };
}

/** It has no such format, and calls what it does not know raw. */
const unknownToQemu = new Set([
  'iso',
  'ova',
  'tar',
  'gzip',
  'bzip2',
  'xz',
  'zstd',
  'lz4',
  'lzma',
  'lzip',
  'lzop',
  'compress',
  '7z',
  'zip',
  'raw',
]);

interface Difference {
  readonly why: string;
  readonly names: readonly string[];
  /** Null: it refuses what is safe here, by its own rules. */
  readonly says: (sample: Sample) => Said | null;
}

const asRaw = ({ bytes }: Sample): Said => rawOf(bytes.length);
const refuses = (): null => null;
const withBacking =
  (backing: string | null) =>
  ({ format, virtualSize }: Sample): Said => ({
    format: qemuNames[format] ?? format,
    size: virtualSize ?? -1n,
    backing,
  });

const differences: readonly Difference[] = [
  {
    why: 'what it does not recognise it calls raw, where we say what it was meant to be, and that it is broken',
    names: [
      'qcow2 version 0',
      'qcow2 of 4 bytes',
      'LUKS 2',
      'VMDK that is a text of its first line only',
      'VMDK that is a text without its first line',
    ],
    says: asRaw,
  },
  {
    why: 'it does not look at the end',
    names: ['VHD, fixed', 'VHD, fixed, partitioned', 'VHD, fixed, that lacks a part'],
    says: asRaw,
  },
  { why: 'it looks for the header of LUKS', names: ['qcow2 with LUKS'], says: refuses },
  { why: 'it does without the payload', names: ['LUKS whose payload begins past its end'], says: refuses },
  { why: 'it reads the block table', names: ['VHD with its block table past the end'], says: refuses },
  {
    why: 'it compares checksums, which those of our writer do not have; see its own below',
    names: ['VHDX', 'VHDX with its metadata at 3 MiB', 'VHDX with its metadata at 20 MiB'],
    says: refuses,
  },
  {
    why: 'what is cut off it fills up with zeros',
    names: ['ploop cut off'],
    says: () => ({ format: 'parallels', size: 1024n ** 2n, backing: null }),
  },
  {
    why: 'it does not know that VHD has parents',
    names: ['VHD that is a difference to a file with a name'],
    says: withBacking(null),
  },
  {
    why: 'it believes the footer',
    names: ['VMDK whose footer has another capacity'],
    says: () => ({ format: 'vmdk', size: 99n * 512n, backing: null }),
  },
];

function expectAgreement(found: DiskFinding, said: Said | null, sample: Sample): void {
  const explained = differences.find(({ names }) => names.includes(sample.name));
  if (explained !== undefined) {
    expect(said).toEqual(explained.says(sample));
    return;
  }
  // What QEMU refuses must not be safe here either.
  if (said === null) expect(isUnsafe(found)).toBe(true);
  else if (unknownToQemu.has(found.format)) expect(said).toEqual(rawOf(sample.bytes.length));
  else expect(said).toEqual(inQemusWords(found));
}

/** In a proof all; otherwise those that it sees differently, and the first of each format. */
const asked = corpus.filter(
  (sample) =>
    isProof ||
    differences.some(({ names }) => names.includes(sample.name)) ||
    corpus.find(({ format }) => format === sample.format) === sample,
);

describe.skipIf(!isInstalled)('qemu-img', () => {
  it.each(asked)('agrees on $name', async (sample) => {
    const path = join(await tempDir(), 'image');
    await writeFile(path, sample.bytes);
    expectAgreement(await inspectPath(path), askQemu(path), sample);
  });
});

/** What qemu-img makes itself: options of `create`, size, and what has to be reported about it. */
interface Made {
  readonly options: string;
  readonly size?: string;
  readonly codes?: readonly string[];
  /** How it has to be told to open it, if it would detect something else. */
  readonly as?: string;
  /** What `snapshot` or `amend` are to do afterwards. */
  readonly after?: string;
}

// None with LUKS: making one measures the processor, which fails on a busy machine.
const made: readonly Made[] = [
  ...[
    'compat=0.10',
    'compat=1.1',
    'lazy_refcounts=on',
    'cluster_size=512',
    'cluster_size=2M',
    'compression_type=zstd',
    'refcount_bits=1',
    'refcount_bits=64',
    'preallocation=metadata',
  ].map((option) => ({ options: `-f qcow2 -o ${option}` })),
  { options: '-f qcow2', size: '0' },
  { options: '-f qcow2', size: '10T' },
  { options: '-f qcow2 -o extended_l2=on', codes: ['extended_l2'] },
  { options: '-f qcow2 -o backing_file=base.raw,backing_fmt=raw', codes: ['backing_file'] },
  { options: '-f qcow2 -o compat=0.10,backing_file=base.raw,backing_fmt=raw', codes: ['backing_file'] },
  { options: '-f qcow2 -o data_file=data.raw', codes: ['data_file'] },
  { options: '-f qcow2 -o data_file=data.raw,data_file_raw=on', codes: ['data_file'] },
  { options: '-f qcow2', after: 'snapshot -c one', codes: ['snapshots'] },
  { options: '-f qcow2', after: 'bitmap --add -f qcow2', codes: [] },
  { options: '-f qcow', codes: ['banned_format'] },
  { options: '-f qcow -o backing_file=base.raw,backing_fmt=raw', codes: ['banned_format', 'backing_file'] },
  { options: '-f qed', codes: ['banned_format'] },
  { options: '-f qed -o backing_file=base.raw,backing_fmt=raw', codes: ['banned_format', 'backing_file'] },
  { options: '-f raw' },
  { options: '-f parallels' },
  { options: '-f vdi' },
  { options: '-f vdi -o static=on' },
  { options: '-f vdi', size: '2T' },
  { options: '-f vpc -o force_size=on' },
  { options: '-f vpc' },
  { options: '-f vpc', size: '127G' },
  { options: '-f vpc -o subformat=fixed,force_size=on', as: 'vpc' },
  { options: '-f vpc -o subformat=fixed', as: 'vpc' },
  { options: '-f vhdx' },
  { options: '-f vhdx -o subformat=fixed' },
  { options: '-f vhdx -o log_size=8M' },
  { options: '-f vhdx', size: '30T' },
  { options: '-f vhdx -o block_size=1M', size: '4T' },
  { options: '-f vmdk' },
  { options: '-f vmdk -o adapter_type=lsilogic,compat6=on' },
  { options: '-f vmdk', size: '20G' },
  { options: '-f vmdk -o subformat=streamOptimized' },
  { options: '-f vmdk -o backing_file=base.vmdk,backing_fmt=vmdk', codes: ['backing_file'] },
  ...['monolithicFlat', 'twoGbMaxExtentFlat', 'twoGbMaxExtentSparse'].map((subformat) => ({
    options: `-f vmdk -o subformat=${subformat}`,
    codes: ['unsupported_subformat', 'external_extent'],
  })),
];

/** In a proof all; otherwise what is not safe, and the first of each format. */
const tried = made.filter(
  ({ options, codes }, index) =>
    isProof ||
    codes !== undefined ||
    made.findIndex((each) => each.options.split(' ')[1] === options.split(' ')[1]) === index,
);

describe.skipIf(!isInstalled)('what qemu-img makes', () => {
  it.each(tried)('$options $size $after is what it says', async ({ options, size = '10M', codes = [], as, after }) => {
    const cwd = await tempDir();
    const run = (...args: readonly string[]): void => void execFileSync('qemu-img', args, { cwd, stdio: 'pipe' });
    if (options.includes('backing_file=')) {
      const [, base = '', format = ''] = /backing_file=([\w.]+),backing_fmt=(\w+)/.exec(options) ?? [];
      run('create', '-f', format, base, '10M');
    }
    run('create', ...options.split(' '), 'image.vmdk', size);
    if (after !== undefined) run(...after.split(' '), 'image.vmdk', ...(after.startsWith('bitmap') ? ['one'] : []));
    const path = join(cwd, 'image.vmdk');
    const found = await inspectPath(path);
    expect([...new Set(found.hazards.map(({ code }) => code))].toSorted()).toEqual([...codes].toSorted());
    expect(inQemusWords(found)).toEqual(askQemu(path, ...(as === undefined ? [] : ['-f', as])));
    await expectSameInPassing(path, found);
  });
});

/** Reads it again as it would pass in a download, and from a pipe. */
async function expectSameInPassing(path: string, found: DiskFinding): Promise<void> {
  const { size } = await stat(path);
  const passing = new PassingInspector(size, true);
  for await (const chunk of createReadStream(path)) passing.update(chunk as Uint8Array);
  expect(passing.finish()).toEqual(found);
  const stream = createReadStream(path);
  expect(await inspectSource(new ForwardSource(stream, { size: null, readsToEnd: true }), true)).toEqual(found);
  stream.destroy();
}
