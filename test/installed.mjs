// Tests the package as a user has it: installed from its tarball globally and in a project, run, imported, removed again.
//   node test/installed.mjs TARBALL
// Its dependencies come from npm's cache, where `npm ci` has put them, or else from the registry.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
/** @type {{ name: string, version: string, man: string[] }} */
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tarball = resolve(process.argv[2] ?? '');
const directory = mkdtempSync(join(tmpdir(), 'glance-cli-installed-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

/** @param {string[]} args */
function npm(...args) {
  execFileSync('npm', [...args, '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Every file below a directory; empty if it does not exist. @param {string} path */
function filesBelow(path) {
  if (!existsSync(path)) return [];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

const prefix = join(directory, 'prefix');
npm('install', '--global', '--prefix', prefix, tarball);
const program = join(prefix, 'bin', 'glance-cli');
const run = (/** @type {string[]} */ ...args) =>
  execFileSync(program, args, { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: '/nonexistent' } });
assert.equal(run('--version'), `${manifest.version}\n`);
assert.match(run('--help'), /^Usage: glance-cli /);
assert.match(run('completion', 'fish'), /complete /);
for (const page of manifest.man) {
  const section = page.at(-1);
  const linked = join(prefix, 'share', 'man', `man${section}`, page.replace('man/', ''));
  assert.equal(readFileSync(linked, 'utf8'), readFileSync(join(root, page), 'utf8'), linked);
}
npm('uninstall', '--global', '--prefix', prefix, manifest.name);
assert.deepEqual(filesBelow(prefix), []);

writeFileSync(join(directory, 'package.json'), '{ "private": true, "type": "module" }\n');
npm('install', tarball);
const importing = "const { version } = await import('glance-cli'); process.stdout.write(version);";
const imported = execFileSync(process.execPath, ['--input-type=module', '--eval', importing], {
  cwd: directory,
  encoding: 'utf8',
});
assert.equal(imported, manifest.version);
process.stdout.write('installed, run, imported, removed\n');
