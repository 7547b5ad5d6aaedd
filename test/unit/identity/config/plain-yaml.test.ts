import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseConfig } from '../../../../src/identity/clouds-yaml.ts';
import type { ConfigNode } from '../../../../src/identity/config-node.ts';
import { readPlainYaml } from '../../../../src/identity/plain-yaml.ts';

/** With the order of names, which `toEqual` leaves out of a map. */
function inOrder(node: ConfigNode): unknown {
  if (node instanceof Map)
    return { map: [...(node as ReadonlyMap<string, ConfigNode>)].map(([name, value]) => [name, inOrder(value)]) };
  return Array.isArray(node) ? (node as readonly ConfigNode[]).map(inOrder) : node;
}

/** What it reads has to be what the library reads; what the library refuses it must not read. */
function expectAgreement(text: string): void {
  const plain = readPlainYaml(text);
  if (plain !== null) expect(inOrder(plain)).toEqual(inOrder(parseConfig(text)));
}

const usual = `---
# Clouds of the team
clouds:
  devstack:   # local

    auth:
      auth_url: http://192.168.122.10:5000/v3
      username: "demo user"
      password: '0penStack: #1'
      project_name: demo-project
      user_domain_name: Default
    region_name: RegionOne
    identity_api_version: 3
    verify: false
    cacert: ~/certs/ca.pem
    profile: ~
    interface:
  other.example_2:
      auth_type: v3applicationcredential
      auth: 
        application_credential_secret: a,b:c@d!e$f^g&h*(i)j?k;l|m<n>o%p=q+r
clouds-extra:
  last: null
`;

describe('readPlainYaml', () => {
  it('reads what a usual clouds.yaml has', () => {
    expect(inOrder(readPlainYaml(usual))).toEqual(inOrder(parseConfig(usual)));
  });

  test.each([
    'a: 0123\nb: 1e5\nc: true\nd: 0.5',
    'a: 1\na: 2\n',
    'a:\n  x: 1\na:\n  y: 2\n',
    'a:\n  x: 1\n    # deeper\n# not\n  y: 2\n',
    'a:   \n  x:    1   \n',
    'a:\n     x: 1\nb:\n x: 1',
    '__proto__:\n  polluted: yes\nconstructor: x\n',
    `a: ''\nb: ""\nc: ' x '\nd: "null"\ne: Null`,
    'a: x # y\nb: "x" # y\nc: # y\n',
    'a: b:c\n',
    `a: 'it''s'\nb: ''''\nc: "pässwörd"\nd: '密码' # 注`,
  ])('reads %j', (text) => {
    expect(readPlainYaml(text)).not.toBeNull();
    expectAgreement(text);
  });

  test.each([
    '',
    '# nothing\n',
    'a',
    'a: {b: c}',
    'a: [b]',
    'a:\n- b\n',
    'a: b\n  c\n',
    'a: b\n  c: d\n',
    'a:\n  b: c\n d: e\n',
    'a: b: c\n',
    'a: b:\n',
    'a: |\n  b\n',
    'a: &b c\nd: *b\n',
    'a: !!str b\n',
    'a:\n  <<: *b\n',
    '? a\n: b\n',
    'null: b\n',
    '~: b\n',
    'a: b\n---\nc: d\n',
    'a: b\n...\n',
    'a: "x\\n"\n',
    `a: "b\n  c"\n`,
    'a: b#c\n',
    'a:\tb\n',
    'a: b\r\n',
    '\ufeffa: b\n',
    'a: ä\n',
    'ä: b\n',
    'a: "\u2028"\n',
    'a: "\x85"\n',
    'a: "\x07"\n',
    `a: 'b''\n`,
    ' a: b\n',
    'a: "b" c\n',
    `a: ${'b'.repeat(1000)}\n`,
    Array.from({ length: 40 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  ])('leaves %j to the library', (text) => {
    expect(readPlainYaml(text)).toBeNull();
  });

  interface Line {
    readonly name: string;
    readonly value: string;
    readonly end: string;
    readonly step: number;
    readonly below: readonly Line[];
  }
  const { lines } = fc.letrec<{ line: Line; lines: Line[] }>((tie) => ({
    line: fc.record({
      name: fc.constantFrom('a', 'b', 'auth', 'x.y-z', '0'),
      value: fc.constantFrom('', ' x', ' ~', ' null', ' http://h:5000/v3', `  'q: #'`, ' "q"', ' 1'),
      end: fc.constantFrom('\n', '\n', ' \n', ' # c\n', '\n\n', '\n# c\n'),
      step: fc.integer({ min: 1, max: 4 }),
      below: fc.oneof({ depthSize: 'small' }, fc.constant([]), tie('lines')),
    }),
    lines: fc.array(tie('line'), { minLength: 1, maxLength: 4 }),
  }));
  const write = (nested: readonly Line[], indentation: number): string =>
    nested
      .map(({ name, value, end, step, below }) => {
        const own = `${' '.repeat(indentation)}${name}:${below.length > 0 ? '' : value}${end}`;
        return own + write(below, indentation + step);
      })
      .join('');
  const odd = [
    '\n',
    ' ',
    '  ',
    '\t',
    ':',
    ': ',
    ' #',
    '- ',
    '? ',
    '<<: ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '&a ',
    '*a ',
    '!x ',
    '|',
    '>',
    '@',
    '%',
    '"',
    "'",
    '\\',
    '\r',
    'null',
    '~',
    '---\n',
    '...\n',
    'ä',
  ];

  it('never reads anything else than the library does', () => {
    const mistake = fc.record({ place: fc.double({ min: 0, max: 1, noNaN: true }), what: fc.constantFrom(...odd) });
    fc.assert(
      fc.property(lines, fc.option(mistake), (nested, wrong) => {
        const text = write(nested, 0);
        if (wrong === null) {
          expect(readPlainYaml(text)).not.toBeNull();
          return expectAgreement(text);
        }
        const at = Math.floor(wrong.place * text.length);
        expectAgreement(text.slice(0, at) + wrong.what + text.slice(at));
      }),
      { numRuns: 3000 },
    );
  });

  it('never reads any value otherwise', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '"', "'"), (value, quote) => {
        expectAgreement(`a: ${quote}${value}${quote}\nb: c\n`);
        expectAgreement(`a:\n  b: ${quote}${value}${quote}\n`);
      }),
      { numRuns: 3000 },
    );
  });
});
