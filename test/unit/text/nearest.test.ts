import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/tree/program.ts';
import { nearestNames, suggestNames, suggestSearch, suggestWords } from '../../../src/text/nearest.ts';
import { runCli } from '../../support/run-cli.ts';

it.each([
  ['devstak', ['devstack', 'production'], ['devstack']],
  ['nmae', ['name', 'id', 'size'], ['name']],
  ['CIRROS', ['cirros', 'cirros-2'], ['cirros', 'cirros-2']],
  ['ubuntu', ['debian', 'server ubuntu', 'ubuntu-24.04', 'ubunut'], ['ubunut', 'ubuntu-24.04', 'server ubuntu']],
  ['ubuntu-24', ['ubuntu-24.04-server-cloudimg-amd64'], ['ubuntu-24.04-server-cloudimg-amd64']],
  ['nothing', ['debian', 'ubuntu'], []],
  ['', ['debian'], []],
  ['x'.repeat(10_000), ['x'.repeat(10_000)], []],
  // One or two letters occur in any name.
  ['a', ['b', 'bc', 'a-b'], []],
  ['c1', ['c2', 'c1-large'], []],
])('for %s of %j it finds %j', (wanted, names, found) => {
  expect(nearestNames(wanted, names)).toEqual(found);
});

it('asks what was meant, or has nothing to ask', () => {
  expect(suggestNames('lits', ['list', 'lists', 'show'])).toBe('did you mean "list" or "lists"?');
  expect(suggestNames('xyz', ['list'])).toBeNull();
});

/** The hint of an error. */
async function hintOf(...argv: string[]): Promise<unknown> {
  const result = await runCli([...argv, '--error-format', 'json']);
  expect([argv, result.code]).toEqual([argv, 2]);
  return result.error()['hint'];
}

describe('a typo is answered with what was meant', () => {
  it.each([
    ['list', ['lst', 'lits', 'lsit', 'lisst', 'LIST', 'List']],
    ['show', ['shwo', 'sho', 'shw', 'shoow']],
    ['members', ['member', 'memebrs', 'membres']],
    ['stores', ['store', 'sotres']],
    ['download', ['dowload', 'donwload', 'downlaod', 'dwonlaod', 'downlod', 'down-load', 'downloads', 'downloading']],
    ['inspect', ['inspcet', 'inspct', 'insepct', 'inspection', 'inspet']],
    ['verify', ['verfy', 'verfiy', 'veryfi', 'verif']],
    ['mirror', ['miror', 'mirorr', 'mirrors', 'mirroring']],
    ['serve', ['serv', 'server', 'sevre']],
    ['doctor', ['docter', 'doctr', 'dcotor']],
    ['logout', ['logut', 'log-out', 'loguot']],
    ['completion', ['complete', 'completions', 'compltion', 'completoin']],
    ['help', ['hlep', 'halp', 'hel']],
  ])('%s: %j', async (command, slips) => {
    for (const slip of slips) {
      expect([slip, await hintOf(slip)]).toEqual([slip, `did you mean ${command}?`]);
    }
  });

  it.each([
    ['list', '--fromat', '--format'],
    ['list', '--fromat=json', '--format'],
    ['list', '--visiblity', '--visibility'],
    ['list', '--tags', '--tag'],
    ['list', '--propety', '--property'],
    ['list', '--cloud', '--os-cloud'],
    ['list', '--region', '--os-region-name'],
    ['list', '--cacert', '--os-cacert'],
    ['list', '--token', '--token-file'],
    ['list', '--insecur', '--insecure'],
    ['show', '--lates', '--latest'],
    ['download', '--ouput', '--output'],
    ['download', '--max', '--max-time'],
    ['download', '--checksum', '--require-checksum'],
    ['mirror', '--dryrun', '--dry-run'],
    ['list', '--no-colour', '--no-color'],
    ['list', '--hlep', '--help'],
  ])('%s %s: %s', async (command, slip, option) => {
    expect(await hintOf(command, slip, 'x')).toBe(`did you mean ${option}?`);
  });
});

describe('the word of another client is answered with ours', () => {
  it.each([
    [['get', 'x'], 'download'],
    [['images'], 'list'],
    [['info', 'x'], 'show'],
    [['list', '--json'], '-f json'],
    [['list', '--region', 'x'], '--os-region-name'],
  ])('for %j', async (words, ours) => {
    const [command = '', ...more] = words;
    expect(await hintOf(command, ...more)).toBe(`did you mean ${ours}?`);
  });
});

describe('what means something else is not suggested', () => {
  it.each(['login', 'logon', 'log', 'save-all', 'delete', 'create', 'rm', 'status', 'start', 'set', 'x'])(
    'for the command %s',
    async (word) => {
      expect(await hintOf(word)).toBe('see glance-cli --help');
    },
  );

  it.each([
    ['stores', '--name'],
    ['members', '--name'],
    ['members', '--all'],
    ['list', '--verbose'],
    ['show', '-x'],
    ['download', '--resume'],
  ])('for %s %s', async (command, word) => {
    expect(await hintOf(command, word, 'x')).toBe(`see glance-cli ${command} --help`);
  });

  it('for any command that there is', () => {
    const program = buildProgram('0', () => Promise.resolve());
    const names = program.commands.map((each) => each.name());
    // No command is a typo away from another: neither would be a good answer.
    for (const name of names) expect([name, nearestNames(name, names)]).toEqual([name, [name]]);
  });
});

describe('a search that is suggested', () => {
  const names = ['ubuntu-20.04', 'ubuntu-22.04', 'ubuntu-24.04', 'ubuntu-core', 'debian-12'];

  it.each([
    ['ubunut-24.04', 'did you mean "ubuntu-24.04" or "ubuntu-20.04" or "ubuntu-22.04"? Or see glance-cli list ubuntu'],
    ['debain-12', 'did you mean "debian-12"?'],
    ['core ubuntu', 'see glance-cli list core ubuntu'],
    ['fedora', null],
    ['$(touch x)', null],
    ['', null],
  ])('for %j is %j', (wanted, hint) => expect(suggestSearch(wanted, names)).toBe(hint));
});

describe('what is suggested where no name has all words', () => {
  const names = ['ubuntu-22.04', 'Ubuntu 24.04 LTS', 'debian-12', 'cirros-0.6'];

  it.each([
    ['ubunto', 'did you mean "ubuntu"?'],
    ['12 debain', 'did you mean "debian"?'],
    ['ubuntu 25', 'see glance-cli list ubuntu'],
    ['cirros 0.7', 'see glance-cli list cirros'],
    ['Ubuntu lts 25.*', 'see glance-cli list Ubuntu lts'],
    ['ubuntu debian', null],
    ['centos', null],
    ['centos *-2?.*', null],
    ['$(touch a', null],
  ])('for %s is %j', (words, hint) => expect(suggestWords(words.split(' '), names)).toBe(hint));
});
