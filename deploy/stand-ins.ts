import { join } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";

/** One module that a library loads at its start, and what it gets instead. */
interface StandIn {
  readonly importer: RegExp;
  readonly module: RegExp;
  readonly contents: string;
}

const STAND_INS: readonly StandIn[] = [
  {
    // For commands that are programs of their own, of which there are none: loaded if it is asked for after all.
    importer: /\/node_modules\/commander\//,
    module: /^node:child_process$/,
    contents: 'exports.spawn = (...args) => require("node:child_process").spawn(...args);',
  },
];

/** For ky, and wherever else the program names them. tests/commands/lean-start.test.ts tells when ky asks otherwise. */
const LIGHT_FETCH = {
  inject: [join(import.meta.dirname, "../src/http/light-fetch.ts")],
  define: {
    "globalThis.Headers": "LightHeaders",
    "globalThis.Request": "LightRequest",
    "globalThis.Response": "LightResponse",
    Response: "LightResponse",
    // It looks whether there are any.
    "globalThis.FormData": "undefined",
    "globalThis.ReadableStream": "undefined",
  },
};

/**
 * Keeps libraries from loading, at every start, modules of Node's that this program does not use through them. The
 * build fails when a library no longer imports a module that there is a stand-in for.
 */
export function standIns(): Pick<BuildOptions, "plugins" | "inject" | "define"> {
  return { plugins: [replaceModules()], ...LIGHT_FETCH };
}

function replaceModules(): Plugin {
  return {
    name: "stand-ins",
    setup(build) {
      const used = new Set<StandIn>();
      for (const [index, standIn] of STAND_INS.entries()) {
        build.onResolve({ filter: standIn.module }, ({ importer }) => {
          if (!standIn.importer.test(importer)) return undefined;
          used.add(standIn);
          return { path: String(index), namespace: "stand-in" };
        });
      }
      build.onLoad({ filter: /.*/, namespace: "stand-in" }, ({ path }) => ({
        contents: STAND_INS[Number(path)]?.contents ?? "",
      }));
      build.onEnd(() => {
        const unused = STAND_INS.filter((standIn) => !used.has(standIn));
        return { errors: unused.map(({ module }) => ({ text: `no library asks for ${module} any more` })) };
      });
    },
  };
}
