// `serve` in process, while something is done with its URL.
import { Writable } from 'node:stream';
import { Interrupted } from '../../../src/cli/runtime.ts';
import { type CliOptions, type CliResult, runCli } from '../run-cli.ts';

/** Runs `serve` on a free port, ended by a signal once `use` is done. */
export async function serving(
  argv: readonly string[],
  options: CliOptions,
  use: (url: string) => Promise<void>,
): Promise<CliResult> {
  const controller = new AbortController();
  let tell: (url: string) => void = () => undefined;
  const listening = new Promise<string>((resolve) => (tell = resolve));
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      tell(chunk.toString().trim());
      done();
    },
  });
  const running = runCli(['serve', ...argv, '--port', '0'], { ...options, stdout, signal: controller.signal });
  await use(await Promise.race([listening, running.then(({ stderr }) => Promise.reject(new Error(stderr)))]));
  controller.abort(new Interrupted('SIGTERM'));
  return await running;
}
