import { type ArrClient, ArrError } from "../arrs/client.ts";
import type { Config } from "../config/config.ts";
import { type Finding, failed, ok, warning } from "../core/report.ts";
import type { StopControl } from "./stop-control.ts";
import { withClients } from "./tell-arrs.ts";

/** Whether each Sonarr and Radarr can be told of deletions, and searches again then. Changes nothing there. */
export async function checkArrs({ arrs }: Config, stop: StopControl): Promise<Finding[]> {
  return withClients(arrs, stop, (clients) => Promise.all(clients.map(checkArr)));
}

async function checkArr(client: ArrClient): Promise<Finding> {
  try {
    const { kind, version } = await client.status();
    const { searches, searchesInteractive } = await client.settings();
    const who = `${client.name}: ${kind === "sonarr" ? "Sonarr" : "Radarr"} ${version} accepts the key`;
    if (searches && searchesInteractive) return ok("arr", `${who}; after a failure it searches again`);
    const [what, setting] = searches
      ? ["for what was picked in the interactive search", "Redownload Failed from Interactive Search"]
      : ["there", "Redownload Failed"];
    const message = `${who}, but automatic search is off ${what}: it will not look for another release`;
    const place = "its Settings, Download Clients, Failed Download Handling";
    return warning("arr", message, `turn on "${setting}" (${place})`);
  } catch (error) {
    if (!(error instanceof ArrError)) throw error;
    const remedy =
      error.code === "ARR_KEY"
        ? "put the key into arrs; what the server is to be told waits until then, for a week at most"
        : "what the server is to be told waits until this works, for a week at most";
    return failed("arr", error.message, remedy);
  }
}
