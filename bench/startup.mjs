// How long the program takes for calls without network, and to show an image, compared with an empty Node. Includes the
// executable for this machine if `npm run package` has made it.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { measureInTurns } from './measuring/measure.mjs';
import { executablePath, programPath } from './measuring/program.mjs';
import { printComparison, wallMs } from './measuring/report.mjs';
import { startServer } from './servers/start-server.mjs';
import { formatBytes } from './measuring/units.mjs';

/** The calls; the hidden command is what a shell runs on each press of Tab. */
const questions = [['--version'], ['--help'], ['completion', 'bash'], ['__complete', 'bash', 'glance-cli sh', '']];

/** @param {import('./run.mjs').Settings} settings */
export async function benchStartup({ runs = 20, directory }) {
  const ours = { name: 'glance-cli', command: [process.execPath, programPath] };
  const programs = [ours];
  if (executablePath !== null) programs.push({ name: 'executable', command: [executablePath] });
  const server = await startServer(1024);
  const asked = [
    ...questions.filter((args) => answers(ours.command.concat(args))).map((args) => ({ what: args.join(' '), args })),
    { what: 'show 1, without login', args: ['--endpoint', server.url, 'show', '1'] },
  ];
  const peers = programs.flatMap(({ name, command }) =>
    asked.map(({ what, args }) => ({ name: `${name} ${what}`, command: command.concat(args) })),
  );
  peers.push({ name: 'node -e 0', command: [process.execPath, '-e', '0'] });
  const results = await measureInTurns(peers, runs, directory);
  await server.stop();
  printComparison(`start-up, wall ms, ${runs} runs`, results, wallMs);
  if (executablePath !== null) {
    process.stdout.write(`the executable has ${formatBytes(statSync(executablePath).size)}\n`);
  }
}

/** @param {readonly string[]} command */
function answers([program = '', ...args]) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
