import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeQcow2 } from '../../../../../examples/demo/images/qcow2.ts';
import { glance } from '../../../../support/glance.ts';
import { makeEntry } from '../../../../support/images.ts';
import { runCli } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const content = { size: 8 * 1024 * 1024, pieces: [] };
const good = writeQcow2(content);
const bad = writeQcow2(content, { backingFile: '/etc/passwd', backingFormat: 'raw' });

describe('inspect --html', () => {
  it('writes a page beside what is printed, with the exit code of the verdict', async () => {
    const cwd = await tempDir();
    const server = await glance([
      makeEntry(good, { id: '1', name: 'good', disk_format: 'qcow2' }),
      makeEntry(bad, { id: '2', name: '<bad>', disk_format: 'qcow2' }),
    ]);
    const { code, stdout, stderr } = await server.cli(['inspect', '--all', '-f', 'json', '--html', 'audit.html'], {
      cwd,
    });
    expect(code).toBe(11);
    expect(JSON.parse(stdout)).toHaveLength(2);
    expect(stderr).toContain('audit.html: written');
    const page = await readFile(join(cwd, 'audit.html'), 'utf8');
    expect(page).toContain('>&lt;bad&gt;</a>');
    expect(page).toContain('<b>1</b><span class="bad">unsafe</span>');
    expect(await readdir(cwd)).toEqual(['audit.html']);
  });

  it('replaces an existing page', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'disk'), good);
    await writeFile(join(cwd, 'page.html'), 'old');
    expect(await runCli(['inspect', './disk', '--html', 'page.html'], { cwd })).toMatchObject({ code: 0 });
    expect(await readFile(join(cwd, 'page.html'), 'utf8')).toContain('<title>');
  });

  it('refuses a link or a directory before reading anything, and leaves it alone', async () => {
    const cwd = await tempDir();
    await mkdir(join(cwd, 'folder'));
    await writeFile(join(cwd, 'kept'), 'kept');
    await symlink('kept', join(cwd, 'link'));
    for (const name of ['folder', 'link']) {
      const { code, error } = await runCli(
        ['inspect', 'http://127.0.0.1:9/v1/images/1', '--html', name, '-f', 'json'],
        { cwd },
      );
      expect([code, error()]).toMatchObject([8, { code: 'io.not_regular' }]);
    }
    expect(await readFile(join(cwd, 'kept'), 'utf8')).toBe('kept');
  });

  it('writes no page if the image cannot be read', async () => {
    const cwd = await tempDir();
    const { code } = await runCli(['inspect', './missing', '--html', 'page.html'], { cwd });
    expect(code).not.toBe(0);
    expect(await readdir(cwd)).toEqual([]);
  });
});
