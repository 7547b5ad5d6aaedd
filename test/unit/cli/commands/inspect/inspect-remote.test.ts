// How little of an image inspect reads, on API v2 and on stores of every kind.
import { describe, expect, it } from 'vitest';
import { writeQcow2 } from '../../../../../examples/demo/images/qcow2.ts';
import { writeRaw } from '../../../../../examples/demo/images/content.ts';
import { makePartitionedDisk } from '../../../../../examples/demo/images/partitioned.ts';
import { writeFixedVhd } from '../../../../../examples/demo/images/vhd.ts';
import { writeTar } from '../../../../support/disk/tars.ts';
import { file } from '../../../../support/disk/corpus/sample.ts';
import { ovf, patch, u64le, writeStreamVmdk, writeVhdx } from '../../../../support/disk/writers.ts';
import { runCli } from '../../../../support/run-cli.ts';
import { type RangeSupport, startStore, type Store, storeImage } from '../../../../support/servers/store.ts';

const mebibyte = 1024 * 1024;
const content = { size: 8 * mebibyte, pieces: [{ offset: 0, bytes: Buffer.alloc(mebibyte, 7) }] };

/** Enough additional bytes that the end is far away. */
function lengthen(image: Buffer, at = image.length): Buffer {
  return Buffer.concat([image.subarray(0, at), Buffer.alloc(24 * mebibyte, 1), image.subarray(at)]);
}

const images = {
  qcow2: lengthen(writeQcow2(content)),
  raw: Buffer.alloc(24 * mebibyte, 1),
  vmdk: lengthen(writeStreamVmdk(), 128 * 1024),
  vhd: lengthen(writeFixedVhd({ size: 8 * mebibyte, pieces: [] }), mebibyte),
  gpt: farEntries(8 * mebibyte),
  vhdx: lengthen(writeVhdx({ metadataAt: 3 * mebibyte })),
  ova: lengthen(writeTar([['box.ovf', ovf('disk.vmdk').padEnd(900_000)]])),
} as const;

/** A GPT whose entries lie behind a boot loader. */
function farEntries(at: number): Buffer {
  const disk = writeRaw(makePartitionedDisk({ size: 24 * mebibyte, table: 'gpt', file }));
  const entries = Buffer.from(disk.subarray(1024, 1024 + 16_384));
  return patch(disk, [1024, Buffer.alloc(16_384)], [512 + 72, u64le(BigInt(at / 512))], [at, entries]);
}

type Name = keyof typeof images;

interface Outcome {
  readonly code: number;
  readonly report: Readonly<Record<string, unknown>> & { readonly bytes_read: number };
  readonly store: Store;
}

const formats: Readonly<Record<string, string>> = { ova: 'vmdk', gpt: 'raw' };

async function inspectAt(name: Name, ranges: RangeSupport): Promise<Outcome> {
  const container_format = name === 'ova' ? 'ova' : 'bare';
  const record = { disk_format: formats[name] ?? name, container_format };
  const store = await startStore({ data: images[name], ranges, record });
  const { code, stdout } = await runCli(['--endpoint', store.url, 'inspect', storeImage, '-f', 'json']);
  return { code, report: JSON.parse(stdout) as Outcome['report'], store };
}

describe.each(['works', 'refused', 'ignored'] as const)('with ranges that are %s, inspect', (ranges) => {
  it.each(['qcow2', 'raw', 'ova'] as const)('settles a %s with one request', async (name) => {
    const { code, report, store } = await inspectAt(name, ranges);
    expect([code, report]).toMatchObject([0, { format: name, size: images[name].length, hazards: [] }]);
    expect(store.asked).toEqual(['all']);
    // The descriptor of this OVA is most of a megabyte.
    expect(report.bytes_read).toBeLessThanOrEqual((name === 'ova' ? 2 : 1) * mebibyte);
  });

  it('finds the footer of a VMDK, or says that it could not', async () => {
    const { code, report, store } = await inspectAt('vmdk', ranges);
    const size = images.vmdk.length;
    expect(store.asked).toEqual(['all', `bytes=${String(size - 1536)}-${String(size - 1)}`]);
    expect(report.bytes_read).toBeLessThanOrEqual(mebibyte);
    const unread = [{ code: 'end_unread', severity: 'unsafe' }];
    expect([code, report['hazards']]).toMatchObject(ranges === 'works' ? [0, []] : [11, unread]);
  });

  it('finds the footer of a VHD, or warns that it could not', async () => {
    const { code, report } = await inspectAt('vhd', ranges);
    expect(report.bytes_read).toBeLessThanOrEqual(mebibyte);
    const unread = { format: 'raw', hazards: [{ code: 'end_unread', severity: 'warning' }] };
    expect([code, report]).toMatchObject([0, ranges === 'works' ? { format: 'vhd', hazards: [] } : unread]);
  });

  it('reads GPT entries that lie far away, or says that it did not', async () => {
    const { code, report, store } = await inspectAt('gpt', ranges);
    expect(store.asked).toHaveLength(2);
    expect(report.bytes_read).toBeLessThanOrEqual(mebibyte);
    const works = { partitions: { scheme: 'gpt', entries: [{ number: 1 }] }, hazards: [] };
    const unread = { partitions: { scheme: 'gpt', entries: null }, hazards: [{ code: 'partitions_unread' }] };
    expect([code, report]).toMatchObject([0, ranges === 'works' ? works : unread]);
  });

  it('reads the metadata of a VHDX with one more request, or by reading on', async () => {
    const { code, report, store } = await inspectAt('vhdx', ranges);
    expect([code, report]).toMatchObject([0, { format: 'vhdx', virtual_size: 10 * mebibyte, hazards: [] }]);
    expect(store.asked).toHaveLength(2);
    expect(report.bytes_read).toBeLessThanOrEqual((ranges === 'works' ? 1 : 5) * mebibyte);
  });
});

describe('inspect', () => {
  it('does not mistake part of an image for the answer to a range', async () => {
    const record = { disk_format: 'vmdk' };
    const fault = { type: 'shortRange', bytes: 512 } as const;
    const store = await startStore({ data: images.vmdk, ranges: 'works', record, fault });
    const { code, stdout } = await runCli(['--endpoint', store.url, 'inspect', storeImage, '-f', 'json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([11, { hazards: [{ code: 'end_unread' }] }]);
  });

  it('requests no data of an empty image', async () => {
    const store = await startStore({ data: Buffer.alloc(0), ranges: 'works' });
    const { code, stdout } = await runCli(['--endpoint', store.url, 'inspect', storeImage, '-f', 'json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { format: 'raw', size: 0, virtual_size: 0, bytes_read: 0 }]);
    expect(store.asked).toEqual([]);
  });

  it('does not wait for more than the image has if the connection stays open', async () => {
    const data = Buffer.alloc(40, 1);
    const store = await startStore({
      data,
      ranges: 'works',
      framing: 'chunked',
      fault: { type: 'stall', afterBytes: data.length },
    });
    const { code, stdout } = await runCli(['--endpoint', store.url, 'inspect', storeImage, '-f', 'json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { format: 'raw', size: 40, bytes_read: 40 }]);
  });
});
