// Gives every matcher and parser of text from strangers the texts that are worst for it. Run as a process of its own, which
// can be ended: what takes time in the square of the text would go on for hours. Says what it is about before each step.
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { GlanceError } from '../../../dist/errors.js';
import { matchers } from './matchers.mjs';
import { printers } from './printers.mjs';
import { hostileTexts, length, printedTexts } from './texts.mjs';

/** Seconds of the processor's time for one text, which are the same however much else goes on: four times what the slowest takes. */
const mostSeconds = length / 100_000;
const usedSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
/** What had been used when the text at hand was begun. */
const usedBefore = new Float64Array(new SharedArrayBuffer(8)).fill(Infinity);
// A thread of its own: what does not end hears nothing.
new Worker(
  `const { usedBefore, mostSeconds } = require('node:worker_threads').workerData;
  const usedSeconds = ${String(usedSeconds)};
  setInterval(() => {
    if (usedSeconds() - usedBefore[0] > mostSeconds) process.kill(process.pid, 'SIGKILL');
  }, 100);`,
  { eval: true, workerData: { usedBefore, mostSeconds } },
).unref();

for (const [name, [match, own = []]] of Object.entries({ ...printers, ...matchers })) {
  for (const { shown, text } of Object.hasOwn(printers, name) ? printedTexts() : hostileTexts(own)) {
    writeSync(1, `${name}: ${JSON.stringify(shown)}\n`);
    usedBefore[0] = usedSeconds();
    try {
      await match(text);
    } catch (error) {
      if (!(error instanceof GlanceError)) throw error;
    }
    const seconds = usedSeconds() - usedBefore[0];
    if (seconds > mostSeconds) throw new Error(`it took ${seconds.toFixed(2)} s`);
  }
}
writeSync(1, 'done\n');
