import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Need, Supply } from '../../../../src/disk/parsing/parser.ts';
import { drive } from '../../../../src/disk/source.ts';
import { type Inspection, type Match, readInspection } from '../../../../src/disk/target/inspection.ts';
import { judgeUpload, targetReleases, uploadFormats } from '../../../../src/disk/target/judge.ts';
import { corpus } from '../../../support/disk/corpus.ts';
import { linesOf } from '../../../support/disk/oslo.ts';
import { ourVerdicts } from '../../../support/disk/our-verdicts.ts';

const nothing = { matches: [], isBroken: false };
const bare = (disk_format: string): { disk_format: string; container_format: string } => ({
  disk_format,
  container_format: 'bare',
});
const gpt = {
  format: 'gpt',
  state: 'whole',
  failed: [{ code: 'mbr', message: 'it is odd', where: 'GPTInspector.check_mbr_partitions' }],
  isSizeOdd: false,
} as const;

it.each(targetReleases)('verdicts on the corpus are the recorded ones of oslo.utils (%s)', async (release) => {
  const kept = new URL('../../../fixtures/oslo-verdicts.ndjson', import.meta.url);
  expect(linesOf(corpus, await ourVerdicts(corpus, release))).toBe(readFileSync(kept, 'utf8'));
});

describe('an upload', () => {
  it.each([
    ['qed', 'bare', 'disk_format', 'disk_formats'],
    ['gpt', 'bare', 'disk_format', 'disk_formats'],
    ['raw', 'zip', 'container_format', 'container_formats'],
  ])('as %s in %s is refused by its declaration alone', (disk_format, container_format, code, option) => {
    expect(judgeUpload(nothing, { disk_format, container_format }, 'glance-2025.1')).toEqual({
      release: 'glance-2025.1',
      accepted: false,
      reasons: [
        {
          code,
          message: expect.stringContaining('that it accepts'),
          source: `glance stable/2025.1, glance/common/config.py: image_format_opts, ${option}`,
        },
      ],
    });
  });

  it('in another container than bare is not inspected, and the report says so', () => {
    const upload = { disk_format: 'qcow2', container_format: 'compressed' };
    expect(judgeUpload(nothing, upload, 'glance-2026.1')).toMatchObject({
      accepted: true,
      reasons: [{ code: 'not_inspected', source: 'glance stable/2026.1, glance/location.py: ImageProxy.set_data' }],
    });
  });

  it('with an odd MBR is accepted, with a note that it will be refused later', () => {
    const { accepted, reasons } = judgeUpload({ ...nothing, matches: [gpt] }, bare('raw'), 'glance-2026.1');
    expect([accepted, reasons]).toMatchObject([true, [{ code: 'mbr', message: expect.stringContaining('2026.2') }]]);
    expect(reasons[0]?.source).toMatch(
      /^oslo\.utils 10\.0\.1, .*check_mbr_partitions; glance stable\/2026\.1, .*nonfatal$/,
    );
    expect(judgeUpload({ ...nothing, matches: [gpt] }, bare('ami'), 'glance-2026.1')).toMatchObject({
      accepted: false,
      reasons: [{ code: 'format_mismatch' }],
    });
  });

  it('is unknown if the deciding data is unavailable', async () => {
    const front = Buffer.alloc(64 * 1024);
    front.write('vhdxfile');
    // From a store without ranges.
    const read = (need: Need): Promise<Supply> =>
      Promise.resolve(need.from === 'start' && need.offset === 0 ? front : null);
    const inspection = await drive(readInspection(), { size: 20_000_000, bytesRead: 0, read });
    expect(judgeUpload(inspection, bare('vhdx'), 'glance-2025.1')).toMatchObject({
      accepted: null,
      reasons: [{ code: 'unread' }],
    });
  });
});

describe('what is found in an upload', () => {
  const match = (format: Match['format'], more: Partial<Match> = {}): Match => ({
    format,
    state: 'whole',
    failed: [],
    isSizeOdd: false,
    ...more,
  });
  const failed = [{ code: 'backing_file', message: 'it has one', where: 'X.y' }] as const;

  it.each<
    readonly [
      what: string,
      matches: readonly Match[],
      declared: string,
      accepted: boolean | null,
      codes: readonly string[],
    ]
  >([
    ['nothing', [], 'raw', true, []],
    ['nothing', [], 'ami', true, []],
    ['nothing', [], 'qcow2', false, ['format_mismatch']],
    ['a qcow2', [match('qcow2')], 'qcow2', true, []],
    ['a qcow2', [match('qcow2')], 'raw', true, []],
    ['a qcow2', [match('qcow2')], 'vmdk', false, ['format_mismatch']],
    ['a qcow2', [match('qcow2')], 'ami', false, ['format_mismatch']],
    ['an unsafe qcow2', [match('qcow2', { failed })], 'qcow2', false, ['backing_file']],
    ['an unsafe disk', [match('gpt', { failed })], 'raw', false, ['backing_file']],
    ['an ISO that a disk can boot from', [match('iso'), match('gpt', { failed })], 'iso', true, []],
    ['a disk with an ISO in it', [match('gpt', { failed }), match('iso')], 'iso', true, []],
    ['two formats', [match('vdi'), match('iso')], 'raw', false, ['multiple_formats']],
    ['three formats', [match('iso'), match('gpt'), match('luks')], 'iso', false, ['multiple_formats']],
    ['an odd size', [match('vhdx', { isSizeOdd: true })], 'vhdx', false, ['inspection_failed']],
    ['an odd size', [match('vhdx', { isSizeOdd: true })], 'raw', true, []],
    ['a cut one', [match('vhdx', { state: 'cut' })], 'vhdx', false, ['incomplete']],
    ['an unread one', [match('vhdx', { state: 'unread' })], 'vhdx', null, ['unread']],
  ])('%s decides (%j as %s)', (_what, matches, declared, accepted, codes) => {
    const verdict = judgeUpload({ matches, isBroken: false }, bare(declared), 'glance-2026.1');
    expect([verdict.accepted, verdict.reasons.map(({ code }) => code)]).toEqual([accepted, codes]);
  });

  it('does not count if the inspection fails on it', () => {
    const { accepted, reasons } = judgeUpload({ matches: [], isBroken: true }, bare('vmdk'), 'glance-2026.1');
    expect(accepted).toBe(true);
    expect(reasons).toMatchObject([{ code: 'not_inspected', message: expect.stringContaining('not ASCII') }]);
  });
});

describe('a text that may be the descriptor of a VMDK', () => {
  const inspect = async (front: Buffer): Promise<Inspection> => {
    const read = (need: Need): Promise<Supply> =>
      Promise.resolve(
        need.from === 'start' ? front.subarray(need.offset, need.offset + need.length) : front.subarray(-need.length),
      );
    return await drive(readInspection(), { size: front.length, bytesRead: 0, read });
  };
  const text = Buffer.from('# no type\n'.repeat(6600));

  it.each([
    ['is broken with a non-ASCII byte after the first sector', 512, 0x80, true],
    ['is none with such a byte in the first sector', 511, 0x80, false],
    ['is ASCII up to 7f after the first sector', 512, 0x7f, false],
  ])('%s', async (_what, at, byte, isBroken) => {
    const front = Buffer.from(text);
    front[at] = byte;
    expect((await inspect(front)).isBroken).toBe(isBroken);
  });
});

describe('what data is uploaded as', () => {
  const declared = (disk_format: string | null, container_format: string | null): ReturnType<typeof uploadFormats> =>
    uploadFormats({ disk_format, container_format }, 'qed', 'bare');

  it('is what its record says or, if that is unset, the detected formats', () => {
    expect(declared('vmdk', 'ovf')).toEqual({ disk_format: 'vmdk', container_format: 'ovf' });
    expect(declared('vmdk', null)).toEqual(bare('vmdk'));
    expect(declared(null, null)).toEqual(bare('raw'));
    expect(uploadFormats({ disk_format: null, container_format: null }, 'qcow2', 'bare')).toEqual(bare('qcow2'));
    const packed = uploadFormats({ disk_format: null, container_format: null }, 'gzip', 'compressed');
    expect(packed).toEqual({ disk_format: 'raw', container_format: 'compressed' });
  });
});
