// A second opinion on the images that our writers make, where qemu-img happens to be installed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';

/** What `qemu-img info --output=json` says, as far as tests look at it. */
export interface QemuInfo {
  readonly format: string;
  readonly 'virtual-size': number;
  readonly 'cluster-size'?: number;
  readonly 'backing-filename'?: string;
  readonly 'backing-filename-format'?: string;
}

/** Skips the test where qemu-img is not installed, and says so on stderr: most reporters do not show a skip's reason. */
export function needQemuImg(context: TestContext): void {
  if (isInstalled()) return;
  process.stderr.write(`skipped, qemu-img is not on PATH: ${context.task.name}\n`);
  context.skip('qemu-img is not on PATH');
}

/**
 * Lets qemu-img read an image.
 * @param format its name in qemu, such as `vpc` for VHD
 */
export function readWithQemu(image: Buffer, format: string): { info: QemuInfo; raw: Buffer } {
  return inDirectory((directory) => {
    const [source, target] = [join(directory, 'image'), join(directory, 'raw')];
    writeFileSync(source, image);
    const info = JSON.parse(run('info', '--output=json', '-f', format, source)) as QemuInfo;
    run('convert', '-f', format, '-O', 'raw', source, target);
    return { info, raw: readFileSync(target) };
  });
}

/** What `qemu-img info` says; a backing file need not exist. */
export function describeWithQemu(image: Buffer, format: string): QemuInfo {
  return inDirectory((directory) => {
    const path = join(directory, 'image');
    writeFileSync(path, image);
    return JSON.parse(run('info', '--output=json', '-f', format, path)) as QemuInfo;
  });
}

/** Lets qemu-img check an image's tables. @throws Error if it finds anything wrong with them */
export function checkWithQemu(image: Buffer, format: string): void {
  inDirectory((directory) => {
    const path = join(directory, 'image');
    writeFileSync(path, image);
    run('check', '-f', format, path);
  });
}

function isInstalled(): boolean {
  try {
    run('--version');
    return true;
  } catch {
    return false;
  }
}

function run(...args: readonly string[]): string {
  return execFileSync('qemu-img', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function inDirectory<Result>(use: (directory: string) => Result): Result {
  const directory = mkdtempSync(join(tmpdir(), 'glance-qemu-'));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
