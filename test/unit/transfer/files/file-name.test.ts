import { basename, dirname, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeFileName } from '../../../../src/transfer/files/file-name.ts';
import { anyCharacter } from '../../../support/any-text.ts';

describe('safeFileName', () => {
  it.each([
    ['Ubuntu 10.04 Plain', 'vhd', 'Ubuntu 10.04 Plain.vhd'],
    ['cirros.qcow2', 'qcow2', 'cirros.qcow2'],
    ['../../etc/evil', 'raw', '_.._etc_evil.raw'],
    ['/etc/passwd', 'raw', '_etc_passwd.raw'],
    ['auto-sync/ubuntu-noble', 'qcow2', 'auto-sync_ubuntu-noble.qcow2'],
    ['--help', null, 'help'],
    ['.bashrc', null, 'bashrc'],
    ['a\u0000b\u001b[2Jc\u202ed\u200be', 'raw', 'ab[2Jcde.raw'],
    ['CON', null, '_CON'],
    ['nul.txt', null, '_nul.txt'],
    ['C:\\x?*"<>|', 'raw', 'C__x______.raw'],
    ['e\u0301', 'raw', 'é.raw'],
    ['ends with dots. . .', 'raw', 'ends with dots.raw'],
    ['日本語', 'iso', '日本語.iso'],
    ['x', '../../y', 'x'],
    ['x', 'QCOW2', 'x'],
  ])('turns %j (%s) into %j', (name, format, file) => {
    expect(safeFileName(name, 'id-1', format)).toBe(file);
  });

  it('falls back to the id, and fails if that leaves nothing either', () => {
    expect(safeFileName(null, '5eed', 'raw')).toBe('5eed.raw');
    expect(safeFileName('..', '5eed', 'raw')).toBe('5eed.raw');
    expect(() => safeFileName('\u200b', '...', 'raw')).toThrow(expect.objectContaining({ code: 'io.name' }));
  });

  it('cuts long names between characters, leaving room for the suffix of a part file', () => {
    const name = safeFileName('語'.repeat(255), 'x', 'qcow2');
    expect(name.endsWith('語.qcow2')).toBe(true);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255 - 32);
    expect(Buffer.byteLength(name)).toBeGreaterThan(255 - 32 - 3);
  });

  it('always stays in its directory, whatever the server says', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: anyCharacter }),
        fc.string({ unit: anyCharacter }),
        fc.option(fc.string()),
        (name, id, format) => {
          let file: string;
          try {
            file = safeFileName(name, id, format);
          } catch (error) {
            expect(error).toMatchObject({ code: 'io.name' });
            return;
          }
          expect(dirname(resolve('/dir', file))).toBe('/dir');
          expect(basename(file)).toBe(file);
          expect(file).not.toMatch(/^[-.]|[\p{Cc}\p{Cf}\p{Cs}/\\:*?"<>|]/u);
          expect(Buffer.byteLength(file)).toBeLessThanOrEqual(223);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
