import { expect } from "vitest";
import { type ArrSandbox, startArr } from "../../examples/sandbox/arr.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { SandboxMagnet } from "../../examples/sandbox/sandbox-magnet.ts";
import { test as base, MAIN_KEY, type Machine } from "./machine.ts";

/** A test that may take a `sonarr` and a `radarr`; what either was asked is found as their documents say. */
export const test = base.extend<{ sonarr: ArrSandbox; radarr: ArrSandbox }>({
  sonarr: async ({ machine: _ }, use) => withArr("sonarr", use),
  radarr: async ({ machine: _ }, use) => withArr("radarr", use),
});

async function withArr(kind: "sonarr" | "radarr", use: (arr: ArrSandbox) => Promise<void>): Promise<void> {
  const arr = await startArr({ kind, key: `${kind}KeyOfTheTests00000000001` });
  await use(arr);
  await arr.close();
  expect(arr.violations).toEqual([]);
}

/** An entry of `arrs`. */
export const entryOf = (arr: ArrSandbox, name: string) => ({ name, url: arr.url, api_key: arr.key });

/** A magnet that the next sweep deletes (with `max_retries: 1`), which each of these has grabbed. */
export function addDue(machine: Machine, arrs: readonly ArrSandbox[], items = [1]): SandboxMagnet {
  const magnet = machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers(0) });
  for (const arr of arrs) arr.grabbed({ hash: magnet.hash ?? "", items });
  return magnet;
}
