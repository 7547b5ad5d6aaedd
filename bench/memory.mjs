// Whether memory grows with the image: the peak of a small and of a large download.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { freeBytes } from './measuring/machine.mjs';
import { measureInTurns } from './measuring/measure.mjs';
import { downloadCommand } from './measuring/program.mjs';
import { peakMebibytes, printComparison } from './measuring/report.mjs';
import { startServer } from './servers/start-server.mjs';
import { formatBytes, parseBytes } from './measuring/units.mjs';

const sizes = ['16G', '2G', '100M'].map(parseBytes);
/** What a download must leave free, in bytes. */
const reserve = parseBytes('512M');

/** @param {import('./run.mjs').Settings} settings */
export async function benchMemory({ runs = 3, stdout, directory }) {
  const fitting = sizes.filter((size) => stdout || freeBytes(directory) > size + reserve);
  for (const size of sizes.filter((each) => !fitting.includes(each))) {
    process.stdout.write(
      `\nSKIPPED memory at ${formatBytes(size)}: there is no room for it in ${directory}; try --stdout\n`,
    );
  }
  if (fitting.length === 0) return;
  const servers = await Promise.all(fitting.map(async (size) => ({ size, ...(await startServer(size)) })));
  const target = join(directory, 'image');
  const removeTarget = () => rmSync(target, { force: true });
  const peers = servers.map(({ size, url }) => ({
    name: `download of ${formatBytes(size)} to ${stdout ? 'a pipe' : 'a file'}`,
    command: downloadCommand(url, '1', stdout ? '-' : target),
    drain: true,
    prepare: removeTarget,
    check: removeTarget,
  }));
  try {
    const results = await measureInTurns(peers, runs, directory);
    printComparison(`peak resident memory, MiB, ${runs} runs`, results, peakMebibytes);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}
