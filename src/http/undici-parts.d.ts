// The types of those files of undici that are imported one by one: undici has types only for the whole.
declare module 'undici/lib/core/connect.js' {
  import { buildConnector } from 'undici';
  export = buildConnector;
}

declare module 'undici/lib/core/symbols.js' {
  const symbols: { readonly kParser: unique symbol };
  export = symbols;
}

declare module 'undici/lib/llhttp/llhttp_simd-wasm.js' {
  const bytes: Buffer;
  export = bytes;
}

declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici';
  export = Agent;
}

/** Node's types leave this to the browser's. */
declare namespace WebAssembly {
  const Module: new (bytes: Uint8Array) => object;
}
