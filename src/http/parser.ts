// Compiling undici's parser before it is needed.
import { parserCode } from './parser-code.ts';

/** Held, for V8 gives the same to whoever compiles the same bytes as long as somebody has it. */
let compiled: object | null = null;

/** To be called before the first connection. Where it fails undici compiles another parser by itself. */
export function compileParser(): void {
  try {
    compiled ??= new WebAssembly.Module(parserCode);
  } catch {
    compiled = null;
  }
}
