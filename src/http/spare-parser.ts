/**
 * Loads Node's own `Request`, which ky asks for, without the HTTP parser that comes along: before Node 24 its module
 * begins to compile one to WebAssembly as soon as it loads, though requests here go through `node:http`. That takes
 * 3 MB with Node 20 and 1 MB with 22. `compile` is another only while the module loads, so nobody else meets it. Its
 * promise stays open for good: a rejection would end the process, since the module leaves it unhandled. The price is
 * the global `fetch`, which waits for this parser for ever.
 */
export function spareParser(): void {
  const { WebAssembly } = globalThis as { WebAssembly?: { compile: unknown } };
  if (!WebAssembly) return;
  const { compile } = WebAssembly;
  WebAssembly.compile = () => new Promise(() => {});
  try {
    // A getter, that loads at the first look.
    Reflect.get(globalThis, "Request");
  } finally {
    WebAssembly.compile = compile;
  }
}
