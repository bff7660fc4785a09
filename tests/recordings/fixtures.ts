/** A response as AllDebrid sends it. */
export interface Recording {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const JSON_TYPE = "application/json; charset=UTF-8";
const HTML_TYPE = "text/html; charset=UTF-8";

/** PHP escapes slashes. */
const php = (value: unknown): string => JSON.stringify(value).replaceAll("/", "\\/");
const answered = (body: string, status = 200, type = JSON_TYPE): Recording => ({ status, type, body });
const json = (value: unknown, status = 200) => answered(php(value), status);
const success = (data: unknown, beside = {}) => json({ status: "success", ...beside, data });
const refused = (code: string, message: string, beside = {}, status = 200) =>
  json({ status: "error", error: { code, message, ...beside } }, status);
const magnets = (value: unknown, beside = {}) => success({ magnets: value }, beside);

/** The hashes of the magnets below. */
export const HASH = {
  show: "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c",
  noname: "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e",
  /** Letters are capitals in some. */
  film: "DEFACED0DEFACED0DEFACED0DEFACED0DEFACED0",
  image: "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00",
};

const expired = {
  id: 388_100_201,
  filename: "Orbit.S02.720p",
  hash: HASH.show,
  status: "Expired - Files removed",
  statusCode: 11,
  type: "m",
  notified: true,
  version: 2,
  size: 611_319_808,
  uploadDate: 1_741_000_100,
  completionDate: 1_741_000_900,
};
/** Failed before its metadata was found. */
const noname = {
  id: 388_100_377,
  filename: "noname",
  hash: HASH.noname,
  status: "No peer after 30 minutes",
  statusCode: 7,
  size: 0,
  uploadDate: 0,
};
/** Without a size. */
const noPeer = {
  id: 388_100_378,
  filename: "Some.Film.2023",
  hash: HASH.film,
  status: "File not available - no peer",
  statusCode: 15,
  uploadDate: 1_741_000_100,
  completionDate: 0,
};
const image = { filename: "debian-13", size: 4_700_372_992, hash: HASH.image };
const v4 = { processingPerc: 0, type: "m", notified: false, version: 2 };
const inProgress = { downloaded: 91_226_112, uploaded: 0, seeders: 4, downloadSpeed: 3_145_728 };
const file = { n: "debian-13.iso", s: 4_700_372_992 };
const user = {
  email: "somebody@example.com",
  isPremium: true,
  isSubscribed: false,
  isTrial: false,
  premiumUntil: 1_988_150_400,
  lang: "en",
  preferedDomain: "com",
  fidelityPoints: 75,
};
const uploaded = (ready: boolean, beside: object) => ({
  magnet: `magnet:?xt=urn:btih:${HASH.image}`,
  hash: HASH.image,
  name: ready ? "debian-13" : "noname",
  filename_original: "",
  size: ready ? 4_700_372_992 : 0,
  ready,
  ...beside,
});
const demoMagnets = [
  { id: 611, ...image, hash: HASH.show, status: "Downloading", statusCode: 1, ...inProgress },
  { id: 613, ...image, status: "Ready", statusCode: 4, completionDate: 1_741_000_900, nbLinks: 1 },
  { id: 617, ...image, hash: HASH.noname, status: "Error : Download took more than 72h", statusCode: 10 },
];

/**
 * Our own copies of what AllDebrid was seen, or is documented, to send: the same shapes, types, codes and quirks with
 * other names, ids, hashes and numbers.
 */
export const RECORDINGS = {
  "delete-ok": success({ message: "Magnet was successfully deleted" }),
  "err-404": refused("404", "Endpoint doesn't exist", {}, 404),
  "err-503-empty": answered("", 503, HTML_TYPE),
  "err-503-html": answered(
    "<html><head><title>503 Service Temporarily Unavailable</title></head><body><hr>nginx</body></html>",
    503,
    HTML_TYPE,
  ),
  "err-auth-blocked": refused(
    "AUTH_BLOCKED",
    "You are logging from a new location. An <b>email has been sent</b> to confirm it.",
    { token: "confirm1ngTok3nOfTheTests" },
  ),
  "err-bad-apikey": answered(
    '{"status": "error", "error": {"code": "AUTH_BAD_APIKEY","message": "The auth apikey is invalid"}}',
  ),
  "err-discontinued": refused("DISCONTINUED", "This API endpoint has been discontinued"),
  "err-maintenance": answered(
    '{ "status": "error", "error": { "code": "MAINTENANCE", "message": "Under maintenance, please retry later" } }',
  ),
  "err-no-server": refused("NO_SERVER", "Servers are not allowed. Visit https://alldebrid.com/vpn"),
  "err-too-many-active": magnets([
    {
      magnet: "388100377",
      error: {
        code: "MAGNET_TOO_MANY_ACTIVE",
        message: "Already have maximum allowed active magnets (30)",
      },
    },
  ]),
  "err-too-many": refused("MAGNET_TOO_MANY", "Magnets limit reached (1000 accross all tabs)"),
  "glitch-empty-body": answered(""),
  "list-deprecated-flag": magnets([noname], { deprecated: true }),
  "list-empty": magnets([]),
  "list-error-array": magnets([noname, noPeer]),
  "list-error-keyed": magnets({ "2": noname, "7": noPeer }),
  "list-expired-code3": magnets([
    { ...expired, status: "Expired - files removed from cache", statusCode: 3 },
  ]),
  "list-expired-keyed": magnets({ "5": expired }),
  "list-null": magnets(null),
  "list-one-bare": magnets(noname),
  "restart-batch-cooldown": magnets([
    { magnet: "388100377", error: { code: "MAGNET_PROCESSING_COOLDOWN", message: "Try again later" } },
  ]),
  "restart-batch-refused-demo": json({
    status: "error",
    demo: true,
    error: { code: "MAGNET_INVALID_ID", message: "This magnet ID does not exists or is invalid" },
  }),
  "restart-batch": magnets([
    { magnet: "388100377", message: "Magnet was successfully restarted" },
    {
      magnet: "388100378",
      error: { code: "MAGNET_PROCESSING", message: "Magnet is processing or completed" },
    },
  ]),
  "restart-one-ok": success({ message: "Magnet was successfully restarted" }),
  "restart-processing": refused("MAGNET_PROCESSING", "Magnet is processing or completed"),
  "status-by-id-2021": magnets({
    id: 789,
    ...image,
    status: "Ready",
    statusCode: 4,
    ...inProgress,
    ...v4,
    links: [],
    version: 1,
  }),
  "status-by-id-downloading": magnets({
    id: 388_100_501,
    ...image,
    status: "Downloading",
    statusCode: 1,
    ...inProgress,
    uploadDate: 1_741_000_100,
    completionDate: 0,
    links: [],
    ...v4,
  }),
  "status-by-id-ready-v4": magnets({
    id: 388_100_501,
    ...image,
    status: "Ready",
    statusCode: 4,
    uploadDate: 1_741_000_100,
    completionDate: 1_741_000_900,
    links: [{ filename: file.n, size: file.s, files: [file], link: "https://alldebrid.com/f/x" }],
    ...v4,
  }),
  "status-by-id-ready": magnets({
    id: 388_100_501,
    ...image,
    status: "Ready",
    statusCode: 4,
    uploadDate: 1_741_000_100,
    completionDate: 1_741_000_100,
    type: "b",
    notified: true,
    nbLinks: 1,
    files: [{ ...file, l: "https://alldebrid.com/f/x" }],
  }),
  "status-id0-lists-all": magnets(demoMagnets.slice(0, 2).reverse()),
  "status-invalid-id": refused("MAGNET_INVALID_ID", "This magnet ID does not exists or is invalid"),
  "status-live-delta-demo": json({
    status: "success",
    demo: true,
    data: { counter: 2, magnets: { id: 611, downloaded: 98_566_144, seeders: 6, downloadSpeed: 4_194_304 } },
  }),
  "status-live-fullsync-demo": json({
    status: "success",
    demo: true,
    data: { fullsync: true, counter: 1, magnets: demoMagnets },
  }),
  "upload-glitch-reconnect": answered(
    `reconnect${JSON.stringify({ status: "success", data: { magnets: [uploaded(true, { id: 388_100_501 })] } }, null, 4)}`,
  ),
  "upload-no-id": magnets([uploaded(true, { id: 0 })]),
  "upload-not-ready": magnets([uploaded(false, { id: 388_100_501 })]),
  "upload-ready": magnets([uploaded(true, { id: 388_100_501 })]),
  "user-2021": success({
    user: { username: "somebody", ...user, limitedHostersQuotas: { somehost: 20_000 } },
  }),
  "user-demo": success(
    { user: { username: "demoSomebody", ...user, limitedHostersQuotas: { a: 1 }, notifications: [] } },
    { demo: true },
  ),
  "user-docs-string": success({
    user: { username: "somebody", ...user, premiumUntil: "1988150400", notifications: ["SOME_NOTICE"] },
  }),
  "user-empty-quotas-array": success({
    user: { username: "s", ...user, isPremium: false, premiumUntil: 0, limitedHostersQuotas: [] },
  }),
} satisfies Record<string, Recording>;

/** The name of a recording. */
export type RecordingName = keyof typeof RECORDINGS;
