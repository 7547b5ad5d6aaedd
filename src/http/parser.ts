// Compiling undici's parser before it is needed.
import { setFlagsFromString } from 'node:v8';
import { parserCode } from './parser-code.ts';

/**
 * How V8 compiles it. All of it at once, by all cores, rather than each function when an answer is waiting to be parsed.
 * Once more to run faster only after it has run for some bytes of code, times 50: that takes longer than what most commands
 * do, and Node 20 waits for it at the end. A long download still gets it.
 */
const flags = ['--no-wasm-lazy-compilation', '--wasm-tiering-budget=100000000'];

/** Held, for V8 gives the same to whoever compiles the same bytes as long as somebody has it. */
let compiled: object | null = null;

/**
 * To be called before the first connection; changes settings of V8 in the whole process. Where it fails undici compiles
 * another parser by itself.
 */
export function compileParser(): void {
  for (const flag of flags) setFlagsFromString(flag);
  try {
    compiled ??= new WebAssembly.Module(parserCode);
  } catch {
    compiled = null;
  }
}
