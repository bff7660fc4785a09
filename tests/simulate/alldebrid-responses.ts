import type { ModelMagnet } from "./alldebrid-account.ts";
import type { Happening } from "./log.ts";
import type { Random } from "./random.ts";

/** A response before it is on its way, and what the program hears by it. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly heard: readonly Happening[];
}

const MESSAGES: Readonly<Record<string, string>> = {
  MAGNET_INVALID_ID: "This magnet ID does not exists or is invalid",
  MAGNET_PROCESSING: "Magnet is processing or completed",
  MAGNET_TOO_MANY_ACTIVE: "Already have maximum allowed active magnets (30)",
  DISCONTINUED: "This API endpoint has been discontinued",
  AUTH_BAD_APIKEY: "The auth apikey is invalid",
  MAINTENANCE: "Alldebrid is under maintenance, please retry later",
};

export function success(data: unknown, heard: readonly Happening[], deprecated = false): Reply {
  const flag = deprecated ? { deprecated: true } : {};
  return { status: 200, body: JSON.stringify({ status: "success", ...flag, data }), heard };
}

/** An error as AllDebrid gives it, inside HTTP 200 (an unknown endpoint aside). */
export function failure(code: string, heard: readonly Happening[] = []): Reply {
  const body = JSON.stringify({ status: "error", error: errorOf(code) });
  return { status: code === "404" ? 404 : 200, body, heard };
}

export function errorOf(code: string): { code: string; message: string } {
  return { code, message: MESSAGES[code] ?? "(not kept)" };
}

export const page = (status: number, title: string): Reply => ({
  status,
  body: `<html><head><title>${title}</title></head><body><h1>${title}</h1><hr>nginx</body></html>`,
  headers: { "content-type": "text/html" },
  heard: [],
});

/** Requests of which nobody can tell afterwards whether they were carried out. */
export const VAGUE = [
  "connection reset",
  "hang",
  "503 with a page",
  "503 empty",
  "504",
  "502",
  "200 with a page",
  "200 empty",
  "JSON cut short",
  "GENERIC",
] as const;

/** The response to such a request. */
export function vagueReply(kind: (typeof VAGUE)[number]): Reply | "reset" {
  switch (kind) {
    case "connection reset":
      return "reset";
    case "503 with a page":
      return page(503, "503 Service Temporarily Unavailable");
    case "503 empty":
      return { status: 503, body: "", heard: [] };
    case "504":
      return page(504, "504 Gateway Time-out");
    case "502":
      return page(502, "502 Bad Gateway");
    case "200 with a page":
      return page(200, "Just a moment...");
    case "JSON cut short":
      return { status: 200, body: '{"status":"success","data":{"mag', heard: [] };
    case "GENERIC":
      return failure("GENERIC");
    default:
      return { status: 200, body: "", heard: [] };
  }
}

/** What a list leaves out. */
export interface Omissions {
  readonly codes: boolean;
  readonly hashes: boolean;
  readonly names: boolean;
}

/** Magnets in one of the shapes that `data.magnets` has: an array, an object keyed by strings, a bare magnet. */
export function shapeOf(magnets: readonly object[], random: Random, asked: "list" | "one"): unknown {
  const [first] = magnets;
  const draw = random.next();
  if (asked === "one" && first && magnets.length === 1 && draw < 0.6) return first;
  if (asked === "list" && first && magnets.length === 1 && draw < 0.1) return first;
  if (magnets.length > 0 && draw > 0.7) {
    // PHP's array_filter keeps the keys of the whole list.
    return Object.fromEntries(magnets.map((magnet, index) => [String(index * 3 + 1), magnet]));
  }
  return magnets;
}

/** A magnet with the quirks of the recordings: numbers as digits, fields that come and go. */
export function entryOf(magnet: ModelMagnet, random: Random, omissions?: Omissions): object {
  const quirk = random.next();
  const { id, hash, name, code, text, size, uploadDate } = magnet;
  return {
    id: quirk < 0.1 ? id : Number(id),
    filename: omissions?.names ? "noname" : name,
    ...(size === 0 && quirk > 0.8 ? {} : { size }),
    ...(omissions?.hashes ? {} : { hash: quirk > 0.7 ? hash.toUpperCase() : hash }),
    status: text,
    ...(omissions?.codes ? {} : { statusCode: quirk < 0.05 ? String(code) : code }),
    uploadDate,
    ...(quirk > 0.5 ? { completionDate: 0, type: "m", notified: false, version: 2 } : {}),
    ...(magnet.state === "processing" ? { downloaded: 1000, seeders: 6, downloadSpeed: 4_782_727 } : {}),
    ...(magnet.state === "ready" ? { files: [{ n: name, s: size, l: "https://alldebrid.com/f/X" }] } : {}),
  };
}
