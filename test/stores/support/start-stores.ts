// Starts the installed real stores before any test is loaded, and ends those that it started.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import type { StoreName, StoreVariables } from './stores.ts';

const run = promisify(execFile);
const servers = fileURLToPath(new URL('../servers/', import.meta.url));
const names: readonly StoreName[] = ['rgw', 'swift', 'redis'];

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started: StoreName[] = [];
  const variables: Partial<Record<StoreName, StoreVariables>> = {};
  for (const name of names) {
    try {
      const { stdout, stderr } = await run(`${servers}${name}-up`, ['--no-install']);
      variables[name] = parseVariables(stdout);
      if (!stderr.includes('already up')) started.push(name);
    } catch (error) {
      const said = (error as { readonly stderr?: string }).stderr ?? String(error);
      process.stderr.write(`SKIPPED: every test against ${name}: ${said.trim().split('\n').at(-1) ?? ''}\n`);
    }
  }
  project.provide('stores', variables);
  return async () => {
    if (started.length > 0) await run(`${servers}down`, started);
  };
}

/** Lines of `export NAME=VALUE`. */
function parseVariables(text: string): StoreVariables {
  return Object.fromEntries(
    [...text.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value] as const),
  );
}
