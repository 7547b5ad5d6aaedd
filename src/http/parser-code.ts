// undici's parser of HTTP, as WebAssembly. A module of its own, for the bundle has another in its place: a bundler would
// copy each byte as a property.
import wasm from 'undici/lib/llhttp/llhttp_simd-wasm.js';

/** The bytes that undici compiles, where the processor has SIMD instructions. */
export const parserCode: Uint8Array = wasm;
