import { mkdir } from "node:fs/promises";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { keysFor, openWorld } from "./bench-world.ts";
import { buildScript } from "./build-script.ts";
import { type Figure, megabytes, milliseconds, ratioFigure } from "./figure.ts";
import { runNode, runProbed } from "./run-process.ts";
import { sideBySide } from "./side-by-side.ts";

/** A sweep of one account in which nothing fails, at 50 ms a request: its time and its memory. */
export async function benchQuietSweep(repetitions: number): Promise<Figure[]> {
  const keys = keysFor(1);
  const world = await openWorld({ keys, failing: 0, latencyMs: 50 });
  const agent = new Agent({ keepAlive: true });
  const list = (status: string) => postForm(agent, world.place.apiUrl, keys[0] ?? "", `status=${status}`);
  try {
    const floor = await buildScript(import.meta.resolve("./floor-quiet-sweep.ts"), world.cwd);
    const floorState = join(world.cwd, "floor");
    await mkdir(floorState);
    const took = await sideBySide(repetitions, {
      empty: async () => (await runNode(["-e", "0"], world)).ms,
      requests: async () => {
        const startedAt = performance.now();
        await Promise.all([list("expired"), list("error")]);
        return performance.now() - startedAt;
      },
      sweep: async () => (await world.magnets("run-once")).ms,
      floor: async () => (await runNode([floor, floorState, keys[0] ?? ""], world)).ms,
    });
    const peak = await sideBySide(Math.ceil(repetitions / 2), {
      empty: async () => (await runProbed(["-e", "0"], world)).peakBytes,
      sweep: async () => (await world.probed("run-once")).peakBytes,
    });
    const allowed = took.requests + 1.4 * took.empty;
    const note = `two requests ${milliseconds(took.requests)} + 1.4 × node -e 0`;
    const what = "quiet sweep, one key, 50 ms a request";
    return [
      ratioFigure({ what, measured: took.sweep, baseline: allowed, most: 1, unit: milliseconds, note }),
      ratioFigure({
        what: "… flock, two requests and a save alone",
        measured: took.floor,
        baseline: allowed,
        unit: milliseconds,
        note,
      }),
      ratioFigure({
        what: "quiet sweep, peak memory",
        measured: peak.sweep,
        baseline: peak.empty,
        most: 1.4,
        unit: megabytes,
        note: "node -e 0",
      }),
    ];
  } finally {
    agent.destroy();
    await world.close();
  }
}

/** The least that a request takes: a client that is warm, a connection that is open. */
function postForm(agent: Agent, apiUrl: string, key: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      "content-type": "application/x-www-form-urlencoded",
    };
    const sent = request(`${apiUrl}/v4.1/magnet/status`, { method: "POST", agent, headers }, (answer) => {
      answer.resume().once("end", resolve);
    });
    sent.on("error", reject).end(body);
  });
}
