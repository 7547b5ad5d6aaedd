// undici's HTTP parser, as WebAssembly. It has a module of its own because the bundle replaces it: a bundler would copy
// each byte as a property.
import wasm from 'undici/lib/llhttp/llhttp_simd-wasm.js';

/** The bytes that undici compiles if the processor has SIMD instructions. */
export const parserCode: Uint8Array = wasm;
