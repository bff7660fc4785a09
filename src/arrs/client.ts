import ky, { HTTPError } from "ky";
import * as v from "valibot";
import type { ArrConfig } from "../core/settings.ts";
import { cleanText, tryParseJson } from "../core/text.ts";
import { explainFailure } from "../http/failures.ts";
import { createFetch, type Fetch, REDIRECTS } from "../http/fetch.ts";

/** A server did not do as it was asked. The message is one line for the person, and holds no secret. */
export class ArrError extends Error {
  override name = "ArrError";
  /** What an alert about it is filed under. `ARR_STOPPED` is about none: we stopped, the server may be well. */
  readonly code: "ARR_KEY" | "ARR_UNREACHABLE" | "ARR_STOPPED";
  /** The server's own 404: it has no such record. */
  readonly isMissing: boolean;

  constructor(message: string, { code = "ARR_UNREACHABLE", isMissing = false }: Partial<ArrError> = {}) {
    super(message);
    this.code = code;
    this.isMissing = isMissing;
  }
}

const TIMEOUT_MS = 10_000;
/** Records a page: an imported pack of 24 episodes has 48. */
const PAGE_SIZE = 250;
/** Pages of one download; no real one has as many. */
const MOST_PAGES = 20;
const MOST_REDIRECTS = 3;

const statusSchema = v.object({ appName: v.string(), version: v.string() });
const settingsSchema = v.object({
  autoRedownloadFailed: v.boolean(),
  autoRedownloadFailedFromInteractiveSearch: v.optional(v.boolean(), true),
});
const recordSchema = v.object({
  id: v.pipe(v.number(), v.integer()),
  /** A word: `grabbed`, `downloadFolderImported`, `downloadFailed`, … */
  eventType: v.string(),
  downloadId: v.nullish(v.string()),
  /** Milliseconds by the server's own clock, to the second. */
  date: v.pipe(v.string(), v.transform(Date.parse), v.number()),
  /** Radarr's. */
  movieId: v.nullish(v.number()),
  /** Of a grab: `Search`, `Rss`, `InteractiveSearch`, … */
  data: v.nullish(v.object({ releaseSource: v.nullish(v.string()) })),
});
export type HistoryRecord = v.InferOutput<typeof recordSchema>;
const historySchema = v.object({ totalRecords: v.number(), records: v.array(recordSchema) });
/** What a 404 says of a record that is not there; a proxy's says something else. */
const missingSchema = v.object({ message: v.string() });

export type ArrClient = ReturnType<typeof createArrClient>;
export type ArrStatus = Awaited<ReturnType<ArrClient["status"]>>;

/**
 * The client of one server (`/api/v3`; see its OpenAPI document). All methods throw an `ArrError` for what the server or
 * the network does. Nothing is tried again here: the first trouble ends the server's turn in a sweep. `signal` ends
 * requests under way, and after `stopping` none starts.
 */
export function createArrClient(
  { name, url, key }: ArrConfig,
  options: { readonly signal: AbortSignal; readonly stopping?: AbortSignal; readonly fetch?: Fetch },
) {
  // A request over a kept connection that the server closes meanwhile would be trouble.
  const { signal, stopping, fetch = createFetch(process.env, { keepAlive: false }) } = options;
  const { origin } = new URL(url);
  const http = ky.create({
    prefixUrl: `${url}/api/v3`,
    headers: { "user-agent": "magnets", "x-api-key": key },
    redirect: "manual",
    timeout: TIMEOUT_MS,
    retry: 0,
    signal,
    fetch: async (input, init) => {
      let request = input as Request;
      // Sonarr with a URL base answers 307 where the address left it out; the key must not follow to another origin.
      for (let redirects = 0; ; redirects++) {
        stopping?.throwIfAborted();
        const response = await fetch(request, init);
        const location = response.headers.get("location");
        if (!REDIRECTS.includes(response.status) || location === null) return response;
        const target = URL.canParse(location, request.url) ? new URL(location, request.url) : undefined;
        if (target?.origin !== origin || redirects === MOST_REDIRECTS) {
          throw new ArrError(`${name} redirects elsewhere: is the url right, or a sign-in portal before it?`);
        }
        request = new Request(origin + target.pathname + target.search, request);
      }
    },
  });

  const call = async <T>(
    path: string,
    schema: v.GenericSchema<unknown, T>,
    options: { method?: string; searchParams?: Record<string, string | number> } = {},
  ): Promise<T> => {
    try {
      const response = await http(path, options);
      const parsed = v.safeParse(schema, tryParseJson(await response.text()));
      if (parsed.success) return parsed.output;
    } catch (error) {
      throw await explain(name, error);
    }
    throw new ArrError(`${name} did not respond as a Sonarr or Radarr: ${IS_URL_RIGHT}`);
  };

  return {
    name,
    /** What it is, and whether a failure starts a search; `searchesInteractive`: also for what a person picked. */
    async status() {
      const { appName, version } = await call("system/status", statusSchema);
      const kind = appName.toLowerCase();
      if (kind !== "sonarr" && kind !== "radarr") {
        const what = cleanText(appName, 40);
        throw new ArrError(`${name} is ${what}, and only Sonarr and Radarr can be told: remove it from arrs`);
      }
      const { autoRedownloadFailed: searches, autoRedownloadFailedFromInteractiveSearch: interactive } =
        await call("config/downloadclient", settingsSchema);
      return {
        kind,
        version: cleanText(version, 40),
        searches,
        searchesInteractive: searches && interactive,
      };
    },
    /** All records of a download. `hash` in hex, in any case. */
    async history(hash: string): Promise<HistoryRecord[]> {
      // The download id is the info hash in capitals, and compared as it is.
      const downloadId = hash.toUpperCase();
      const found: HistoryRecord[] = [];
      const sort = { sortKey: "date", sortDirection: "descending" };
      for (let page = 1, seen = 0; page <= MOST_PAGES; page++) {
        const searchParams = { downloadId, page, pageSize: PAGE_SIZE, ...sort };
        const { totalRecords, records } = await call("history", historySchema, { searchParams });
        found.push(...records.filter((record) => record.downloadId?.toUpperCase() === downloadId));
        // Not by the size that was asked for: the server may show fewer on a page.
        seen += records.length;
        if (records.length === 0 || seen >= totalRecords) return found;
      }
      // The grabs are the oldest: what was not read to its end can't say that there was none.
      throw new ArrError(`${name} shows more of one download than any real one has`);
    },
    /** Marks a grab as failed; false when it has no such record any more. */
    async markFailed(id: number): Promise<boolean> {
      try {
        await call(`history/failed/${id}`, v.looseObject({}), { method: "post" });
        return true;
      } catch (error) {
        if (error instanceof ArrError && error.isMissing) return false;
        throw error;
      }
    },
  };
}

const IS_URL_RIGHT = "is the url right, its base path included?";

async function explain(name: string, error: unknown): Promise<ArrError> {
  if (error instanceof ArrError) return error;
  const response = error instanceof HTTPError ? error.response : undefined;
  switch (response?.status) {
    case 401:
    case 403: {
      const message = `${name} refuses the API key (${response.status}): copy it from its Settings, General`;
      return new ArrError(message, { code: "ARR_KEY" });
    }
    case 404: {
      const isMissing = v.is(missingSchema, tryParseJson(await response.text().catch(() => "")));
      return new ArrError(`${name} has no such address (404): ${IS_URL_RIGHT}`, { isMissing });
    }
    case 503:
      return new ArrError(`${name} is starting (503)`);
    default: {
      const message = `${name}: ${explainFailure(error, TIMEOUT_MS).message}`;
      return new ArrError(message, error instanceof DOMException ? { code: "ARR_STOPPED" } : {});
    }
  }
}
