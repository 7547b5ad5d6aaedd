import { expect, it } from 'vitest';
import { compareEncryption } from '../../../src/disk/encryption.ts';
import { type DiskFinding, plainFinding } from '../../../src/disk/parsing/finding.ts';

const finding = (format: DiskFinding['format'], more: Partial<DiskFinding> = {}): DiskFinding => ({
  ...plainFinding(format),
  ...more,
});
const luks = finding('luks', { encrypted: true, details: { version: 1 } });

it.each<[Record<string, string | null>, DiskFinding, string | null]>([
  [{}, luks, null],
  [{ os_encrypt_format: null, os_hash_algo: 'x' }, finding('qcow2'), null],
  [{ os_encrypt_format: 'LUKS' }, luks, null],
  [{ os_encrypt_format: 'LUKSv1' }, luks, null],
  [{ os_encrypt_format: 'LUKSv2' }, luks, 'os_encrypt_format is LUKSv2, but the data is LUKS version 1'],
  [{ os_encrypt_format: 'luks' }, finding('qcow2', { encrypted: true, details: { encryption: 'luks' } }), null],
  [
    { os_encrypt_format: 'LUKS' },
    finding('qcow2', { encrypted: true, details: { encryption: 'aes' } }),
    'encrypted in another way',
  ],
  [{ os_encrypt_format: 'LUKS' }, finding('qcow2'), 'the data is plain qcow2'],
  [{ os_encrypt_format: 'LUKS' }, finding('raw', { details: { recognised: false } }), 'the data is plain raw'],
  [{ os_encrypt_format: 'GPG' }, finding('raw', { details: { recognised: false } }), null],
  [{ os_encrypt_format: 'GPG' }, finding('vmdk'), 'os_encrypt_format is GPG, but the data is plain vmdk'],
  [{ os_encrypt_key_id: 'a-key' }, finding('qcow2'), 'os_encrypt_key_id is set, but the data is plain qcow2'],
])('%j with %j', (properties, found, told) => {
  const hazard = compareEncryption(properties, found);
  expect(hazard?.message ?? null).toEqual(told === null ? null : expect.stringContaining(told));
  if (hazard !== null) expect(hazard).toMatchObject({ code: 'encryption_mismatch', severity: 'warning' });
});
