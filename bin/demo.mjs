#!/usr/bin/env node
// `npm run demo`: hands the process to examples/demo/demo.ts. It only handles signals, and checks that the build is there.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/demo/demo.js', import.meta.url);
const signalExits = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

if (existsSync(built)) {
  /** @type {typeof import('../examples/demo/demo.ts')} */
  const { runDemo } = await import(built.href);
  const { systemClock } = await import('../dist/clock.js');
  const controller = new AbortController();
  /** @type {number | null} */
  let signalExit = null;
  for (const [name, exit] of Object.entries(signalExits)) {
    process.on(name, () => {
      signalExit ??= exit;
      controller.abort();
    });
  }
  // A reader that hangs up (`| head`) ends the demo as a signal would.
  process.stdout.on('error', () => controller.abort());
  const exit = await runDemo({
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    signal: controller.signal,
    clock: systemClock,
    nodePath: process.execPath,
    programPath: fileURLToPath(new URL('glance-cli.js', import.meta.url)),
    temporaryDirectory: tmpdir(),
  });
  process.exitCode = signalExit ?? exit;
} else {
  process.stderr.write(
    'demo: the program is not built yet; run `npm run build` first, or `npm run demo`, which does both\n',
  );
  process.exitCode = 2;
}
