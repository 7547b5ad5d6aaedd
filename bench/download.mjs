// A download to a file with its digest checked, against curl with tee and md5sum.
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { freeBytes } from './machine.mjs';
import { measureInTurns } from './measure.mjs';
import { downloadCommand } from './program.mjs';
import { formatComparison } from './report.mjs';
import { startServer } from './start-server.mjs';
import { formatBytes } from './units.mjs';

const pipeline = 'curl -sf "$1" | tee "$2" | md5sum';

/** @param {import('./run.mjs').Settings} settings */
export async function benchDownload({ runs = 5, size, directory }) {
  if (freeBytes(directory) < size * 1.5) {
    process.stdout.write(`\nSKIPPED download: ${formatBytes(size)} need more than there is free in ${directory}\n`);
    return;
  }
  const server = await startServer(size);
  const target = join(directory, 'image');
  const prepare = () => rmSync(target, { force: true });
  const checkFile = () => {
    const actual = statSync(target).size;
    if (actual !== size) throw new Error(`the download has ${actual} bytes instead of ${size}`);
  };
  const check = (output) => {
    checkFile();
    if (!output.startsWith(server.md5)) throw new Error(`wrong digest: ${output}`);
  };
  const shell = (script) => ['bash', '-c', `set -o pipefail; ${script}`, 'bash', server.dataUrl, target];
  const peers = [
    { name: 'glance-cli download 1 -o f', command: downloadCommand(server.url, target), prepare, check: checkFile },
    { name: 'curl | tee f | md5sum; sync f', command: shell(`${pipeline}; sync "$2"`), prepare, check },
    { name: 'curl | tee f | md5sum', command: shell(pipeline), prepare, check },
  ];
  try {
    const results = await measureInTurns(peers, runs, directory);
    const names = peers.map(({ name }) => name);
    const columns = (pick) => results.map((measurements) => measurements.map(pick));
    const title = `download of ${formatBytes(size)}, ${runs} runs`;
    process.stdout.write(
      formatComparison(
        `${title}: wall s`,
        names,
        columns(({ wallMs }) => wallMs / 1000),
      ),
    );
    process.stdout.write(
      formatComparison(
        'CPU s',
        names,
        columns(({ cpuMs }) => (cpuMs === null ? null : cpuMs / 1000)),
      ),
    );
    process.stdout.write(
      'glance-cli syncs the file to the disk before it gives it its name; of the peers only one does.\n',
    );
  } finally {
    await server.stop();
  }
}
