import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, it } from "vitest";

const SOURCE = join(import.meta.dirname, "../../src/http/spare-parser.ts");

/** A WebAssembly module without anything in it. */
const NOTHING = "new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])";

it("keeps nobody else from compiling", async () => {
  const contents = `
    import { spareParser } from ${JSON.stringify(SOURCE)};
    const { compile } = WebAssembly;
    spareParser();
    new Request("http://127.0.0.1/");
    const module = await WebAssembly.compile(${NOTHING});
    console.log(WebAssembly.compile === compile, module instanceof WebAssembly.Module);`;
  const stdin = { contents, loader: "ts", resolveDir: import.meta.dirname } as const;
  const { outputFiles } = await build({ stdin, bundle: true, format: "esm", platform: "node", write: false });
  const [script] = outputFiles;
  // In a process of its own: in this one the module may have been loaded long ago.
  const args = ["--input-type=module", "--eval", script?.text ?? ""];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toBe("true true\n");
});
