import {
  type Behaviour,
  cloudflarePage,
  emptyBody,
  reconnectGlitch,
  tooManyRequests,
} from "../../examples/sandbox/behaviour.ts";

const YEAR = 365 * 86_400;

/** Of the HTTP registry from 400 on, what Cloudflare adds, and two that nobody knows. */
const OTHER_STATUSES = [
  401, 402, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426,
  428, 431, 451, 499, 501, 505, 506, 507, 508, 510, 511, 521, 522, 523, 524, 525, 526, 527, 530,
];

const STATUSES = [400, 403, 404, 408, 500, 502, 503, 504, 520, 599];

const REDIRECTS = [301, 302, 303, 307, 308] as const;

/** What a server, or whoever stands in front of it, may do instead of answering. Not one of these is an answer. */
export const FAULTS: Readonly<Record<string, Behaviour>> = {
  "429": tooManyRequests(),
  "429 with garbage for Retry-After": tooManyRequests("soon; \u00ff"),
  "429 with Retry-After in the past": tooManyRequests("Wed, 21 Oct 2015 07:28:00 GMT"),
  "429 with Retry-After of a year": tooManyRequests(String(YEAR)),
  "429 with Retry-After in a year": tooManyRequests(new Date(Date.now() + YEAR * 1000).toUTCString()),
  "429 with a huge Retry-After": tooManyRequests("9".repeat(400)),
  "429 with Retry-After of 9 s": tooManyRequests("9"),
  ...Object.fromEntries(STATUSES.map((status) => [`${status} HTML`, cloudflarePage(status)])),
  ...Object.fromEntries(
    REDIRECTS.map((status) => [
      `a redirect with ${status}`,
      { kind: "redirect", location: "http://127.0.0.1:1/", status } as const,
    ]),
  ),
  "200 HTML": cloudflarePage(200),
  "503 without a body": { kind: "http", status: 503 },
  "an empty body": emptyBody(),
  "reconnect in front of the JSON": reconnectGlitch(),
  "204": { kind: "http", status: 204 },
  "500 that says success": { kind: "http", status: 500, body: '{"status":"success"}' },
  "304": { kind: "http", status: 304 },
  "a status that there is not": { kind: "http", status: 999, body: '{"status":"success"}' },
  "headers without end": {
    kind: "http",
    status: 200,
    headers: Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`x-${n}`, "y".repeat(100)])),
  },
  null: { kind: "json", value: null },
  "a list": { kind: "json", value: [] },
  "a text": { kind: "json", value: "success" },
  "no data": { kind: "json", value: { status: "success" } },
  "data null": { kind: "json", value: { status: "success", data: null } },
  "data of a wrong type": { kind: "json", value: { status: "success", data: 17 } },
  "magnets of a wrong type": { kind: "json", value: { status: "success", data: { magnets: "none" } } },
  "status of a wrong type": { kind: "json", value: { status: ["success"], data: { magnets: [] } } },
  "an error without a code": { kind: "json", value: { status: "error", error: null } },
  "an error of a wrong type": { kind: "json", value: { status: "error", error: { code: { a: 1 } } } },
  __proto__: { kind: "http", status: 200, body: '{"__proto__":{"status":"success","data":{"magnets":[]}}}' },
  "deep nesting": { kind: "http", status: 200, body: "[".repeat(200_000) },
  "truncated JSON": { kind: "truncated" },
  "truncated JSON, chunked": { kind: "truncated", chunked: true },
  "a closed connection": { kind: "close" },
  "a reset connection": { kind: "reset" },
  "a header that never comes": { kind: "no-header" },
  "a body that drips for ever": { kind: "drip", everyMs: 1_000 },
  "4 GB of body": { kind: "endless" },
  "a gzip bomb": { kind: "gzip-bomb" },
  "garbage that claims to be gzip": {
    kind: "http",
    status: 200,
    body: "no gzip",
    headers: { "content-encoding": "gzip" },
  },
  MAINTENANCE: { kind: "api-error", code: "MAINTENANCE" },
  AUTH_BAD_APIKEY: { kind: "api-error", code: "AUTH_BAD_APIKEY", status: 401 },
  NO_SERVER: { kind: "api-error", code: "NO_SERVER" },
  MAGNET_TOO_MANY: { kind: "api-error", code: "MAGNET_TOO_MANY" },
  DISCONTINUED: { kind: "api-error", code: "DISCONTINUED" },
  "404 as AllDebrid says it": { kind: "api-error", code: "404", status: 404 },
  GENERIC: { kind: "api-error", code: "GENERIC" },
  "a code named constructor": { kind: "api-error", code: "constructor", message: "<b>__proto__</b>" },
};

/** The rest of the statuses, which none of the program's code sets apart. */
export const RARE_FAULTS: Readonly<Record<string, Behaviour>> = Object.fromEntries(
  OTHER_STATUSES.map((status) => [`${status} HTML`, cloudflarePage(status)]),
);
