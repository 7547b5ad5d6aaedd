// Partition tables made by sfdisk: the partitions are where sfdisk says.
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../src/disk/blocks/blocks.ts';
import { findVolumes } from '../../src/disk/volumes/find-volumes.ts';
import { driveFile } from '../support/disk/drive-file.ts';
import { hasTools, runTool } from '../support/disk/tools.ts';
import { tempDir } from '../support/temp-dir.ts';

const size = 256 * 1024 * 1024;

interface Listed {
  readonly partitiontable: {
    readonly sectorsize: number;
    readonly partitions: readonly { node: string; start: number; size: number; type: string }[];
  };
}

const logical = [...Array.from({ length: 20 }, () => ',4M,L'), ''].join('\n');
const tables: readonly (readonly [name: string, script: string, options: readonly string[]])[] = [
  ['an MBR', 'label: dos\n,20M,L,*\n,30M,c\n,,8e\n', []],
  ['an MBR with logical partitions', `label: dos\n,10M,L\n,200M,E\n,,L\n${logical}`, []],
  ['an MBR with a gap', 'label: dos\n1: start=2048, size=8192\n4: start=20480, size=8192, type=82\n', []],
  ['a GPT', 'label: gpt\n,1M,21686148-6449-6E6F-744E-656564454649\n,100M,U\n,,L\n', []],
  ['a GPT with many partitions', `label: gpt\n${Array.from({ length: 60 }, () => ',2M,L').join('\n')}\n`, []],
  ['a GPT with unusual numbers', 'label: gpt\n14: size=4M\n15: size=106M, type=U\n1: type=L\n', []],
];

describe.skipIf(!hasTools('sfdisk'))('a disk that sfdisk has partitioned', () => {
  it.each(tables)('has %s', async (_name, script, options) => {
    const path = join(await tempDir(), 'disk');
    const file = openSync(path, 'w+');
    ftruncateSync(file, size);
    runTool('sfdisk', ['--quiet', ...options, path], script);
    const listed = JSON.parse(runTool('sfdisk', ['--json', ...options, path])) as Listed;
    const { sectorsize, partitions } = listed.partitiontable;
    const extended = new Set(['5', 'f', '85']);
    const expected = partitions
      .filter(({ type }) => !extended.has(type))
      .map(({ node, start, size: sectors, type }) => ({
        name: node.slice(path.length).replace(/^p/, ''),
        type: type.padStart(2, '0').toUpperCase(),
        start: start * sectorsize,
        size: sectors * sectorsize,
      }));
    for (const { name, start } of expected) writeSync(file, `partition ${name}.`, start, 'latin1');
    const volumes = driveFile(findVolumes(new FlatBlocks(size)), file);
    const found = volumes.map(({ name, partition, blocks }) => {
      const [bytes] = driveFile(blocks.read([{ offset: 0, length: 16 }]), file);
      const [mark] = Buffer.from(bytes ?? [])
        .toString('latin1')
        .split('.');
      return { name, type: partition?.entry.type, mark, size: blocks.size };
    });
    const inOrder = expected.toSorted((left, right) => Number(left.name) - Number(right.name));
    expect(found).toEqual(
      inOrder.map(({ name, type, size: bytes }) => ({ name, type, mark: `partition ${name}`, size: bytes })),
    );
    closeSync(file);
  });
});
