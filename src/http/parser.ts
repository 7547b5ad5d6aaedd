// Compiles undici's parser before it is needed.
import { setFlagsFromString } from 'node:v8';
import { parserCode } from './parser-code.ts';

/**
 * How V8 compiles it: all at once, on all cores, rather than each function when an answer is waiting to be parsed. V8
 * must never recompile it to run faster: in the middle of a long list or download, that takes 30 MiB, Node 20 waits for
 * it at exit, and neither large bodies nor small answers then cost less processor time.
 */
const flags = ['--no-wasm-lazy-compilation', '--wasm-tiering-budget=2147483647'];

/** Kept because V8 returns the same module to everyone who compiles the same bytes, as long as somebody holds it. */
let compiled: object | null = null;

/**
 * Call before the first connection. Changes settings of V8 in the whole process. If this fails, undici compiles another
 * parser by itself.
 */
export function compileParser(): void {
  for (const flag of flags) setFlagsFromString(flag);
  try {
    compiled ??= new WebAssembly.Module(parserCode);
  } catch {
    compiled = null;
  }
}
