// inspect with what only a process has: pipes and FIFOs.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeQcow2 } from '../../examples/demo/images/qcow2.ts';
import { shellProgram, start, startCli } from '../support/spawn-cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const size = 8 * 1024 * 1024;
const image = writeQcow2({ size, pieces: [{ offset: 0, bytes: Buffer.alloc(1024 * 1024, 7) }] });

async function makeFifo(): Promise<string> {
  const cwd = await tempDir();
  execFileSync('mkfifo', ['fifo'], { cwd });
  await writeFile(join(cwd, 'image'), image);
  return cwd;
}

it('reads a FIFO no further than needed, and lets its writer go', async () => {
  const cwd = await makeFifo();
  const script = `cat image > fifo & ${shellProgram} inspect fifo -f json; wait $!; echo "writer $?"`;
  const { stdout, stderr } = await start(['sh', '-c', script], {}, cwd).ended;
  const [report = '', writer] = stdout.toString().split(/(?<=^\}\n)/m);
  expect([stderr, writer]).toEqual(['', 'writer 141\n']);
  expect(JSON.parse(report)).toMatchObject({
    path: join(cwd, 'fifo'),
    format: 'qcow2',
    virtual_size: size,
    safe: true,
  });
});

it('gives a verdict although the pipe stays open', async () => {
  const cwd = await makeFifo();
  const { child, ended } = startCli(['inspect', '-', '-f', 'value', '-c', 'format'], {}, cwd);
  child.stdin?.on('error', () => undefined).write(image);
  const { code, stdout } = await ended;
  expect([code, stdout.toString()]).toEqual([0, 'qcow2\n']);
});
