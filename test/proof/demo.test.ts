import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';

const root = new URL('../../', import.meta.url);
const isBuilt = existsSync(new URL('dist/demo/demo.js', root));

describe.skipIf(!isBuilt)('the demo with the built program (npm run test:proof builds it)', () => {
  it('verifies everything and removes its directory', async () => {
    const temporary = await tempDir();
    const child = spawn(process.execPath, [fileURLToPath(new URL('bin/demo.mjs', root))], {
      env: { TMPDIR: temporary, OS_TOKEN: 'of another cloud', http_proxy: 'http://127.0.0.1:1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('[integrity.digest]') as string });
    expect(stderr).toMatch(
      /\n {2}kept \d\.\d MiB in .*\.part\n.*\n.*ubuntu\.raw: 8\.0 MiB in .*, resumed from \d\.\d MiB, md5 verified\n/,
    );
    expect(stdout).toContain('11 commands, and everything was as it must be');
    expect(stdout).toContain('Größe 日本語 ☃');
    expect(await readdir(temporary)).toEqual([]);
  });
});
