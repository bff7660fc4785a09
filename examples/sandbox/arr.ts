import type { Answer, Behaviour } from "./behaviour.ts";
import { type HttpSandbox, type HttpSandboxOptions, startHttpSandbox } from "./http-sandbox.ts";
import type { RecordedRequest } from "./recorded-request.ts";

/** Everything has a default. */
export type ArrOptions = HttpSandboxOptions & {
  /** Default: sonarr. */
  kind?: "sonarr" | "radarr";
  /** What `system/status` says; `Lidarr` has no `/api/v3`. Default: the kind's own. */
  appName?: string;
  key?: string;
  /** The URL base that is set there, such as `/sonarr`. */
  base?: string;
  /** Milliseconds. Default: the real time. */
  now?: () => number;
};

/** How the fake behaves towards every request until told otherwise. */
type ArrMode =
  | "ok"
  /** 503 with JSON. */
  | "starting"
  /** 500 with JSON. */
  | "database-locked"
  /** 200 with a page of HTML, as a sign-in portal before it answers. */
  | "html"
  /** Resets the connection before anything is done. */
  | "down"
  /** Never answers. */
  | "hang"
  /** Carries the request out, then closes the connection without an answer. */
  | "lost-answer";

/** One record of its history. */
type ArrRecord = {
  id: number;
  eventType: "grabbed" | "downloadFolderImported" | "downloadFailed";
  downloadId: string;
  sourceTitle: string;
  /** ISO 8601, to the second. */
  date: string;
  seriesId?: number;
  episodeId?: number;
  movieId?: number;
  data: Record<string, string>;
};

/** What is grabbed, imported or failed: a hash, and the episodes or movies in it. */
type ArrEvent = {
  /** Of the download, in any case: it is kept in capitals. */
  hash: string;
  /** The episodes' or movies' ids. Default: one. */
  items?: readonly number[];
  /** What a grab came from. */
  releaseSource?: "Search" | "Rss" | "InteractiveSearch";
  /** Minutes before now. */
  minutesAgo?: number;
};

/** A fake of Sonarr or Radarr on loopback. What is not readonly may be changed at any time. */
export type ArrSandbox = HttpSandbox & {
  /** What `arrs` takes, base included. */
  readonly url: string;
  key: string;
  mode: ArrMode;
  appName: string;
  version: string;
  /** As `config/downloadclient` shows them. */
  settings: { autoRedownloadFailed: boolean; autoRedownloadFailedFromInteractiveSearch: boolean };
  readonly records: ArrRecord[];
  /** The hash of each call that marked a grab as failed, in small letters; and its movies, in Radarr. */
  readonly marked: readonly { readonly hash: string; readonly items: readonly number[] }[];
  /** The hash of each search for another release. */
  readonly searches: readonly string[];
  /** What no client may do: an unknown path or parameter, a key in the address, a record that is not a grab. */
  readonly violations: readonly string[];
  grabbed(event: ArrEvent): void;
  imported(event: ArrEvent): void;
  /** Somebody else marked it. */
  failed(event: ArrEvent): void;
};

const KEY = "0123456789abcdef0123456789abcdef";
const MINUTE = 60_000;
const TRUE_OR_FALSE = /^(true|false)$/i;
const NUMBER = /^\d{1,9}$/;
const PAGING = { page: NUMBER, pagesize: NUMBER, sortkey: /^\w+$/, downloadid: /^/, eventtype: NUMBER };

/** What magnets may call, by `arr-openapi.json` of both; names of parameters in small letters, as any case is taken. */
const CALLS: readonly { endpoint: string; method: string; path: RegExp; takes?: Record<string, RegExp> }[] = [
  { endpoint: "status", method: "GET", path: /^system\/status$/ },
  { endpoint: "settings", method: "GET", path: /^config\/downloadclient$/ },
  {
    endpoint: "history",
    method: "GET",
    path: /^history$/,
    takes: {
      ...PAGING,
      sortdirection: /^(default|ascending|descending)$/i,
      includeseries: TRUE_OR_FALSE,
      includeepisode: TRUE_OR_FALSE,
      includemovie: TRUE_OR_FALSE,
    },
  },
  { endpoint: "failed", method: "POST", path: /^history\/failed\/\d{1,9}$/ },
];

/** Starts the fake, with an empty history. */
export async function startArr(options: ArrOptions = {}): Promise<ArrSandbox> {
  const { kind = "sonarr", base = "", now = Date.now } = options;
  const records: ArrRecord[] = [];
  const marked: { hash: string; items: number[] }[] = [];
  const searches: string[] = [];
  const violations: string[] = [];

  function add(eventType: ArrRecord["eventType"], event: ArrEvent, minutesAgo: number): void {
    const { hash, items = [1], releaseSource = "Search" } = event;
    const at = now() - (event.minutesAgo ?? minutesAgo) * MINUTE;
    for (const item of items) {
      records.push({
        id: records.length + 1,
        eventType,
        downloadId: hash.toUpperCase(),
        sourceTitle: `Release.${hash.slice(0, 6)}`,
        date: new Date(at).toISOString().replace(/\.\d+Z/, "Z"),
        ...(kind === "sonarr" ? { seriesId: 1, episodeId: item } : { movieId: item }),
        data: eventType === "grabbed" ? { releaseSource } : {},
      });
    }
  }

  /** `FailedDownloadService.MarkAsFailed`: in Sonarr all grabs of the download, in Radarr the one that is named. */
  function markFailed(id: number): Answer {
    const record = records.find((each) => each.id === id);
    if (record === undefined) return json(404, { message: "NotFound" });
    if (record.eventType !== "grabbed") {
      violations.push(`record ${id} is not a grab, but ${record.eventType}`);
      return json(200, {});
    }
    const isMeant = ({ eventType, downloadId }: ArrRecord) =>
      eventType === "grabbed" && downloadId === record.downloadId;
    const grabs = kind === "sonarr" ? records.filter(isMeant) : [record];
    const items = [...new Set(grabs.map(({ episodeId, movieId }) => episodeId ?? movieId ?? 0))];
    const hash = record.downloadId.toLowerCase();
    add("downloadFailed", { hash, items }, 0);
    marked.push({ hash, items });
    const { autoRedownloadFailed, autoRedownloadFailedFromInteractiveSearch } = sandbox.settings;
    const isInteractive = record.data.releaseSource === "InteractiveSearch";
    if (autoRedownloadFailed && (!isInteractive || autoRedownloadFailedFromInteractiveSearch)) {
      searches.push(hash);
    }
    return json(200, {});
  }

  function history(query: URLSearchParams): Answer {
    const given = new Map([...query].map(([name, value]) => [name.toLowerCase(), value]));
    const [page, pageSize] = [Number(given.get("page") ?? 1), Number(given.get("pagesize") ?? 10)];
    const downloadId = given.get("downloadid") ?? "";
    const turn = given.get("sortdirection") === "ascending" ? 1 : -1;
    const found = records
      .filter((record) => downloadId === "" || record.downloadId === downloadId)
      .sort((a, b) => turn * (Date.parse(a.date) - Date.parse(b.date) || a.id - b.id));
    const shown = found.slice((page - 1) * pageSize, page * pageSize);
    return json(200, { page, pageSize, totalRecords: found.length, records: shown });
  }

  function answer(request: RecordedRequest): Answer {
    const { endpoint, path, query, method } = request;
    if (!isApi(path)) return method === "GET" ? page() : { status: 405, body: "" };
    if (request.key !== sandbox.key) return { status: 401, body: "" };
    if (!path.startsWith(`${base}/`)) {
      return { status: 307, body: "", headers: { location: `${base}${path}?${query}` } };
    }
    if (sandbox.appName === "Lidarr" || endpoint === "unknown") return json(404, { message: "NotFound" });
    if (endpoint === "history") return history(query);
    if (endpoint === "failed") return markFailed(Number(path.split("/").at(-1)));
    if (endpoint === "settings") return json(200, sandbox.settings);
    const { appName, version } = sandbox;
    return json(200, { appName, instanceName: `My ${appName}`, version, urlBase: base });
  }

  /** An address below a base that the server does not have is a page of its, not its API. */
  const isApi = (path: string) =>
    path.startsWith("/api/") || (base !== "" && path.startsWith(`${base}/api/`));

  const server = await startHttpSandbox(
    {
      admit: () => null,
      identify: (request) => {
        const { path, method, query, body, headers } = request;
        const rest = isApi(path) ? path.replace(/^.*?\/api\/v3\//, "") : undefined;
        const call = CALLS.find((each) => each.method === method && each.path.test(rest ?? ""));
        request.endpoint = call?.endpoint ?? "unknown";
        request.key = String(headers["x-api-key"] ?? query.get("apikey") ?? "");
        if (rest !== undefined && !call) violations.push(`${method} ${path} does not exist`);
        for (const [name, value] of query) {
          const takes = call?.takes?.[name.toLowerCase()];
          if (!takes?.test(value)) violations.push(`${method} ${path} does not take ${name}`);
        }
        if (body !== "") violations.push(`${method} ${path} takes no body`);
      },
      answer,
      standingFault: () => {
        const behaviour = modeBehaviour(sandbox.mode);
        return behaviour && { behaviour, act: false };
      },
    },
    options,
  );
  const own = {
    url: `${server.origin}${base}`,
    key: options.key ?? KEY,
    mode: "ok" as ArrMode,
    appName: options.appName ?? (kind === "sonarr" ? "Sonarr" : "Radarr"),
    version: kind === "sonarr" ? "4.0.16.2944" : "5.28.0.10274",
    settings: { autoRedownloadFailed: true, autoRedownloadFailedFromInteractiveSearch: true },
    records,
    marked,
    searches,
    violations,
    grabbed: (event: ArrEvent) => add("grabbed", event, 60),
    imported: (event: ArrEvent) => add("downloadFolderImported", event, 30),
    failed: (event: ArrEvent) => add("downloadFailed", event, 10),
  };
  const descriptors = Object.getOwnPropertyDescriptors(own);
  const sandbox = Object.defineProperties(server, descriptors) as HttpSandbox & typeof own;
  return sandbox;
}

function json(status: number, value: unknown): Answer {
  return { status, body: JSON.stringify(value) };
}

function page(): Answer {
  const body = "<!doctype html><html><head><title>Sign in</title></head><body></body></html>";
  return { status: 200, body, headers: { "content-type": "text/html" } };
}

function modeBehaviour(mode: ArrMode): Behaviour | null {
  const http = (answer: Answer): Behaviour => ({ kind: "http", ...answer });
  switch (mode) {
    case "ok":
      return null;
    case "starting":
      return http(json(503, { errorMessage: "Application is starting up, please try again later" }));
    case "database-locked":
      return http(json(500, { message: "database is locked", description: "SQLiteException" }));
    case "html":
      return http(page());
    case "down":
      return { kind: "reset" };
    case "hang":
      return { kind: "no-header" };
    case "lost-answer":
      return { kind: "lost-answer" };
  }
}
