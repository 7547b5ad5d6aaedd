// The tools with which test/disk-tools/ makes and reads disks; not every machine has them.
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where administrators' tools are, often missing from PATH. */
const path = [process.env['PATH'] ?? '', '/usr/sbin', '/sbin'].join(delimiter);

/** Whether all these tools are installed; if not, prints prominently what is skipped. */
export function hasTools(...names: readonly string[]): boolean {
  const missing = names.filter((name) => !path.split(delimiter).some((folder) => isProgram(join(folder, name))));
  if (missing.length > 0) process.stderr.write(`SKIPPED, not installed: ${missing.join(', ')}\n`);
  return missing.length === 0;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a tool. @returns its output. @throws if it fails, with its messages
 * @param variables to add to the environment
 */
export function runTool(
  name: string,
  args: readonly string[],
  input = '',
  variables: Readonly<Record<string, string>> = {},
): string {
  return execFileSync(name, args, {
    encoding: 'utf8',
    input,
    env: { ...process.env, PATH: path, LC_ALL: 'C', ...variables },
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
