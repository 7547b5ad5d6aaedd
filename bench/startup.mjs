// How long the program takes to say something that needs no network, against an empty Node.
import { measureInTurns } from './measure.mjs';
import { programPath } from './program.mjs';
import { formatComparison } from './report.mjs';

/** @param {import('./run.mjs').Settings} settings */
export async function benchStartup({ runs = 20, directory }) {
  const peers = [
    { name: 'glance-cli --version', command: [process.execPath, programPath, '--version'] },
    { name: 'glance-cli --help', command: [process.execPath, programPath, '--help'] },
    { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
  ];
  const results = await measureInTurns(peers, runs, directory);
  const names = peers.map(({ name }) => name);
  const wall = results.map((measurements) => measurements.map(({ wallMs }) => wallMs));
  process.stdout.write(formatComparison(`start-up, wall ms, ${runs} runs`, names, wall));
}
