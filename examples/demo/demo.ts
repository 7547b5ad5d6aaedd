// `npm run demo`: a Glance with a few images on this machine, the commands run against it, and a look at what they did.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDemoImages, writeCatalog } from './catalog.ts';
import { runCommand } from './child.ts';
import { serveArgs, startServer } from './server.ts';
import { imagesDirectory, makeSteps, type Step } from './steps.ts';
import type { DemoWorld } from './world.ts';

const catalogDirectory = 'catalog';

/** They work in the directory in which the demo was started. */
const nextCommands = [
  'node bin/glance-cli.js doctor                   # is your own cloud configured? if not: how to do it',
  'node bin/glance-cli.js --os-cloud NAME list     # NAME is one of your clouds.yaml',
  'node bin/glance-cli.js inspect disk.qcow2       # any disk image on this machine',
];

/**
 * Runs the demo and cleans up after it, whatever happens: the server is ended and the directory removed.
 * @returns exit status: 0 if everything was as it must be, 1 if not or if the demo was stopped
 */
export async function runDemo(world: DemoWorld): Promise<number> {
  const cwd = await mkdtemp(join(world.temporaryDirectory, 'glance-cli-demo-'));
  try {
    return await runIn(world, cwd);
  } catch (error) {
    if (world.signal.aborted) return sayStopped(world);
    world.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

async function runIn(world: DemoWorld, cwd: string): Promise<number> {
  const images = makeDemoImages();
  await mkdir(join(cwd, catalogDirectory));
  await mkdir(join(cwd, imagesDirectory));
  await writeCatalog(join(cwd, catalogDirectory), images);
  say(
    world,
    `# ${String(images.length)} small images of our own making, served by a Glance on this machine in a style with short ids`,
  );
  say(world, `$ cd ${cwd}`);
  say(world, `$ glance-cli ${serveArgs(catalogDirectory).join(' ')} &`);
  const server = await startServer(world, catalogDirectory, cwd);
  try {
    say(world, server.url);
    const steps = makeSteps(images, { url: server.url, cwd, kept: [catalogDirectory, imagesDirectory] });
    return await runSteps(world, steps, { cwd, url: server.url });
  } finally {
    await server.stop();
  }
}

async function runSteps(
  world: DemoWorld,
  steps: readonly Step[],
  place: { cwd: string; url: string },
): Promise<number> {
  const variable = { OS_IMAGE_ENDPOINT_OVERRIDE: place.url };
  const failures: string[] = [];
  let isExported = false;
  for (const step of steps) {
    const needsVariable = !step.args.includes('--endpoint');
    say(world, `\n# ${step.title}`);
    if (needsVariable && !isExported) {
      say(world, `$ export OS_IMAGE_ENDPOINT_OVERRIDE=${place.url}`);
      isExported = true;
    }
    failures.push(...(await runStep(world, step, { cwd: place.cwd, env: needsVariable ? variable : {} })));
    if (world.signal.aborted) return sayStopped(world);
  }
  return sayResult(world, steps, failures);
}

async function runStep(
  world: DemoWorld,
  step: Step,
  place: { cwd: string; env: Readonly<Record<string, string>> },
): Promise<readonly string[]> {
  const line = `glance-cli ${step.args.join(' ')}`;
  say(world, `$ ${line}${step.pipe === undefined ? '' : ` | ${step.pipe.command}`}`);
  const { exit: end, stdout } = await runCommand(world, step.args, {
    ...place,
    stdout: step.stdout,
    interruptWhen: step.interruptWhen,
  });
  // What a shell would report.
  const exit = end === 'SIGINT' ? 130 : end;
  if (step.pipe !== undefined) world.stdout.write(step.pipe.print(stdout));
  if (step.exit !== 0) say(world, `(exit ${String(exit)})`);
  const wrong = exit === step.exit ? [] : [`it ended with ${String(exit)} instead of ${String(step.exit)}`];
  const found = (await step.check?.(stdout)) ?? [];
  return [...wrong, ...found].map((what) => `${line}: ${what}`);
}

function sayResult(world: DemoWorld, steps: readonly Step[], failures: readonly string[]): number {
  if (failures.length > 0) {
    const lines = failures.map((failure) => `  ${failure}\n`).join('');
    world.stderr.write(`\nThe demo did not go as it must:\n${lines}`);
    return 1;
  }
  say(world, `\n# ${String(steps.length)} commands, and everything was as it must be. What to try next:`);
  for (const line of nextCommands) say(world, line);
  return 0;
}

function sayStopped(world: DemoWorld): number {
  world.stderr.write('\ndemo: stopped, cleaning up\n');
  return 1;
}

function say(world: DemoWorld, line: string): void {
  world.stdout.write(`${line}\n`);
}
