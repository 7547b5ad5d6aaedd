// Contents built into an image of a real Glance are found by ranges of its API v2; without ranges the report says so.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Report } from '../../src/disk/report.ts';
import { largeCount } from '../support/disk/guests/guests.ts';
import { printedJson } from './support/cli.ts';
import { getSample, runningStack, sampleId, stack } from './support/stack.ts';

const guest = sampleId(19);
const mebibyte = 1024 * 1024;
const left = ['host_keys', 'machine_id_set', 'password_set', 'authorized_keys', 'shell_history'];

const codes = ({ hazards }: Report): readonly string[] => hazards.map(({ code }) => code);

/** Glance behind a proxy that does not pass ranges on. @returns its URL */
async function withoutRanges(): Promise<string> {
  const server = createServer(({ url, method = 'GET', headers }, response) => {
    const { range: _, ...others } = headers;
    const asked = request(new URL(url ?? '/', runningStack().glance), { method, headers: others }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    response.on('close', () => asked.destroy());
    asked.on('error', () => response.destroy());
    asked.end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

describe.skipIf(stack === null)('inspect --contents', () => {
  test('finds what was built into an image by reading little of it', async () => {
    const report = (await printedJson(['inspect', guest, '--contents'])) as Report;
    expect(report.contents).toMatchObject({
      read: true,
      why: null,
      filesystems: [
        { partition: '1', read: false },
        { partition: '2', type: 'ext4', label: 'cloudimg-rootfs', read: true },
      ],
      os: { id: 'debian', version_id: '12', codename: 'bookworm', architecture: 'x86_64' },
      kernels: [{ version: '6.1.0-13-amd64', initrd: true }],
      packages: { manager: 'dpkg', count: largeCount },
      cloud_init: { datasources: ['NoCloud', 'ConfigDrive', 'OpenStack', 'None'] },
      guest_agent: true,
      machine_id: 'set',
    });
    expect(codes(report)).toEqual([...left, 'declared_os_mismatch']);
    expect(report.contents?.bytes_read).toBeLessThanOrEqual(4 * mebibyte);
    expect(report.contents?.bytes_read).toBeLessThan(getSample(19).size ?? 0);
    expect(report.contents?.requests).toBeLessThanOrEqual(80);
  });

  test('says so where ranges are not supported', async () => {
    const report = (await printedJson(['inspect', guest, '--contents'], { endpoint: await withoutRanges() })) as Report;
    expect(report.contents).toMatchObject({ read: false, why: 'no_ranges', filesystems: [], os: null, packages: null });
    expect(codes(report)).toEqual([]);
  });

  test('finds the same there with --spool', async () => {
    const endpoint = await withoutRanges();
    const report = (await printedJson(['inspect', guest, '--contents', '--spool'], { endpoint })) as Report;
    expect(report.contents).toMatchObject({ read: true, why: null, os: { id: 'debian' } });
    expect(codes(report)).toEqual([...left, 'declared_os_mismatch']);
  });

  test('identifies the file system of a disc, and finds none on disks of noise', async () => {
    const [disc, noise] = (await Promise.all(
      [9, 1].map((number) => printedJson(['inspect', sampleId(number), '--contents'])),
    )) as [Report, Report];
    expect(disc.contents).toMatchObject({ read: true, why: null, filesystems: [{ type: 'iso9660', read: true }] });
    expect(noise.contents).toMatchObject({ read: true, filesystems: [{ partition: '1', type: null, read: false }] });
  });
});
