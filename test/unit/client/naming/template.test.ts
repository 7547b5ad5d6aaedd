import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTemplate, fixedPart, hasValues, parseTemplate } from '../../../../src/client/naming/template.ts';
import type { Image } from '../../../../src/image/image.ts';
import { makeImage } from '../../../support/images.ts';

const id = '11111111-2222-4333-8444-555555555555';
const image = makeImage({
  name: 'Ubuntu 24.04',
  disk_format: 'qcow2',
  checksum: 'c0ffee',
  created_at: '2026-01-31T12:00:00.5Z',
});
const fill = (text: string, more: Partial<Image> = {}, mark = ''): string =>
  fillTemplate(parseTemplate(text), { ...image, ...more }, mark).path;

describe('a template', () => {
  it.each([
    ['images/{name}-{id}.{format}', `images/Ubuntu 24.04-${id}.qcow2`],
    ['/var/{created}/{checksum}', '/var/20260131T120000Z/c0ffee'],
    ['../{name}', '../Ubuntu 24.04'],
    ['{{{name}}}.{{x}}', '{Ubuntu 24.04}.{x}'],
    ['{format}/', 'qcow2/Ubuntu 24.04.qcow2'],
    ['a{{b}}', 'a{b}'],
    ['a/b/', 'a/b/Ubuntu 24.04.qcow2'],
    ['a/.', 'a/./Ubuntu 24.04.qcow2'],
    ['{format}/..', 'qcow2/../Ubuntu 24.04.qcow2'],
    ['a/{name}..', 'a/Ubuntu 24.04..'],
  ])('%s gives %s', (text, path) => {
    expect(fill(text)).toBe(path);
  });

  it.each([
    ['{name}', { name: '../../etc/passwd' }, '_.._etc_passwd'],
    ['{name}', { name: '..' }, id],
    ['{name}', { name: '-rf\u202e\u001b' }, 'rf'],
    ['x/{name}.{format}', { name: null, disk_format: null }, `x/${id}.img`],
    ['{format}', { disk_format: '../\u0000' }, '_'],
    ['{format}', { disk_format: '..' }, 'img'],
    ['..{format}', { disk_format: '/' }, '.._'],
    ['{id}', { id: 'a/b:c' }, 'a_b_c'],
    ['{checksum}', { checksum: '/../x' }, '_.._x'],
    ['{created}', { created_at: '2026-01-31/../../' }, '20260131_.._.._Z'],
    ['c{name}', { name: 'on' }, '_con'],
  ] as const)('%s of %j is the harmless %s', (text, more, path) => {
    expect(fill(text, more)).toBe(path);
  });

  it.each([
    ['{name}.{format}', 'Ubuntu 24.04-mark.qcow2'],
    ['{name}.img', 'Ubuntu 24.04-mark.img'],
    ['{name}', 'Ubuntu 24.04-mark'],
    ['{name}/disk.img', 'Ubuntu 24.04/disk-mark.img'],
    ['{format}/', 'qcow2/Ubuntu 24.04-mark.qcow2'],
    ['.{format}', '.qcow2-mark'],
  ])('%s tells images apart as %s', (text, path) => {
    expect(fill(text, {}, 'mark')).toBe(path);
  });

  it.each(['{nam}', '{}', '{name', 'name}', '{name}}', '{{name}', '{ name }', '{Name}', '{__proto__}', '{name:8}'])(
    '%s is refused',
    (text) => {
      expect(() => parseTemplate(text)).toThrow(expect.objectContaining({ code: 'usage.option' }));
    },
  );

  it.each(['created', 'checksum'])('with {%s} is of no use for an image that has none', (key) => {
    expect(() => fill(`{${key}}`, { created_at: null, checksum: null })).toThrow(
      expect.objectContaining({ code: 'usage.option', message: expect.stringContaining(`{${key}}`) }),
    );
  });

  it('has a part that is known before the image is', () => {
    expect(['a/b/{id}/c', '{id}', '/{id}', '/a{{/{id}', 'a/b'].map((text) => fixedPart(parseTemplate(text)))).toEqual([
      'a/b/',
      '',
      '/',
      '/a{/',
      'a/b',
    ]);
    expect(['a{{b}}', 'a', '{id}'].map((text) => hasValues(parseTemplate(text)))).toEqual([false, false, true]);
  });

  it('cuts names between characters so that each file fits, and says when none can', () => {
    const path = fill('{name}-{name}-{id}.{format}', { name: '語'.repeat(255) }, '11111111');
    expect(Buffer.byteLength(path)).toBeGreaterThan(210);
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(223);
    expect(path).toMatch(new RegExp(`^(語+)-\\1-${id}-11111111\\.qcow2$`));
    const tooLong = expect.objectContaining({ code: 'io.name' });
    expect(() => fill(`${'x'.repeat(222)}{name}`, { name: '語' })).toThrow(tooLong);
    expect(() => fill('{checksum}', { checksum: 'x'.repeat(300) })).toThrow(tooLong);
  });

  it('never takes a separator or a step up from a value', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 });
    const evil = fc.array(fc.constantFrom('/', '\\', '..', '.', '\0', '-', ' ', 'a', '語', '\u202e'), {
      maxLength: 20,
    });
    const value = fc.oneof(
      text,
      evil.map((all) => all.join('')),
    );
    fc.assert(
      fc.property(value, value, value, (name, disk_format, checksum) => {
        for (const template of ['{name}', 'a{name}.{format}/{checksum}', '.{format}', '{id}/{name}{format}']) {
          let path;
          try {
            path = fill(template, { name, disk_format, checksum });
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^(?:usage\.option|io\.name)$/) });
            continue;
          }
          const names = path.split('/');
          expect(names).toHaveLength(template.split('/').length);
          for (const each of names) {
            expect(each).not.toMatch(/^\.{0,2}$|[\\\0\u202e]/);
            expect(Buffer.byteLength(each)).toBeLessThanOrEqual(223);
          }
        }
      }),
    );
  });
});
