// Compiling undici's parser before it is needed.
import { setFlagsFromString } from 'node:v8';
import { parserCode } from './parser-code.ts';

/**
 * How V8 compiles it. All of it at once, by all cores, rather than each function when an answer is waiting to be parsed.
 * Never once more to run faster: V8 takes 30 MiB to do that in the middle of a long list or download, Node 20 waits for it
 * at the end, and neither bodies nor small answers then cost less processor time than before.
 */
const flags = ['--no-wasm-lazy-compilation', '--wasm-tiering-budget=2147483647'];

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
