import { apiError, apiSuccess, errorBody } from "./alldebrid-answers.ts";
import type { Answer } from "./behaviour.ts";
import { FILTERS, type Filter, magnetView } from "./magnet-view.ts";
import type { SandboxAccount } from "./sandbox-account.ts";

/** How answers are shaped, since the live service's differ. */
export type Shapes = {
  /** Lists: `array` (default); an object `keyed` by strings; or an array, but a list of one as the magnet itself. */
  list: "array" | "keyed" | "bare if one";
  /** Asked by id: the magnet itself (`bare`, default), or a list of one. */
  byId: "bare" | "array" | "keyed";
  /** Ids of `/magnet/status`. Default number. */
  ids: "number" | "string";
  /** A restart of several: an outcome for `each` (default), for the `first` alone, or one message for all. */
  restarts: "each" | "first" | "message";
  /** The id of what is added again while it is still there: `given` (default), 0, or none. */
  uploadId: "given" | "zero" | "none";
};

/** What an endpoint is given. */
export type Call = {
  account: SandboxAccount;
  form: URLSearchParams;
  now: number;
  isDemo: boolean;
  shapes: Shapes;
  /** Most magnets that a list shows, the newest; by filter, or `all` for the unfiltered one. */
  listLimits: Partial<Record<Filter | "all", number>>;
};

/** `POST /v4.1/magnet/status` */
export function magnetStatus({ account, form, now, isDemo, shapes, listLimits }: Call): Answer {
  const id = form.get("id");
  const filter = form.get("status");
  if (id !== null) {
    const magnet = account.find(magnetId(id));
    if (magnet === undefined) return apiError("MAGNET_INVALID_ID");
    const view = withId(magnetView(magnet, now), shapes);
    return apiSuccess({ magnets: shapes.byId === "bare" ? view : shaped([view], shapes.byId) }, isDemo);
  }
  if (filter !== null && !FILTERS.includes(filter as Filter)) return apiError("MAGNET_INVALID_STATUS");
  const listed = account
    .listed(filter as Filter | null)
    .slice(-(listLimits[(filter as Filter | null) ?? "all"] ?? Number.POSITIVE_INFINITY));
  const views = listed.map((view) => withId(view, shapes));
  return apiSuccess({ magnets: shaped(views, shapes.list) }, isDemo);
}

/**
 * `POST /v4/magnet/restart`: `id` answers for the whole request, `ids[]` for each. A demo key refuses `ids[]` as a
 * whole.
 */
export function magnetRestart({ account, form, now, isDemo, shapes }: Call): Answer {
  let active = account.active();
  const restart = (text: string): Record<string, string> | null => {
    const magnet = account.find(magnetId(text));
    if (magnet === undefined) return errorBody("MAGNET_INVALID_ID");
    if (magnet.stage(now).state !== "failing") return errorBody("MAGNET_PROCESSING");
    if (account.refusesRestarts !== null) {
      magnet.refusals += 1;
      return errorBody(account.refusesRestarts);
    }
    const outcome = magnet.nextOutcome;
    if (outcome.result === "refused") {
      magnet.refusals += 1;
      return errorBody(outcome.code, outcome.message);
    }
    if (active >= account.activeSlots) return errorBody("MAGNET_TOO_MANY_ACTIVE");
    magnet.restart(now);
    active += magnet.stage(now).state === "processing" ? 1 : 0;
    return null;
  };
  const message = "Magnet was successfully restarted";
  const ids = form.getAll("ids[]");
  if (ids.length > 0) {
    if (isDemo) return apiError("MAGNET_INVALID_ID");
    const magnets = ids.map((magnet) => {
      const error = restart(magnet);
      return error ? { magnet, error } : { magnet, message };
    });
    if (shapes.restarts === "message") return apiSuccess({ message }, isDemo);
    return apiSuccess({ magnets: shapes.restarts === "first" ? magnets.slice(0, 1) : magnets }, isDemo);
  }
  const error = restart(form.get("id") ?? "");
  return error
    ? { status: 200, body: JSON.stringify({ status: "error", error }) }
    : apiSuccess({ message }, isDemo);
}

/** `POST /v4/magnet/delete`: one `id` a request. */
export function magnetDelete({ account, form, isDemo }: Call): Answer {
  const magnet = account.find(magnetId(form.get("id") ?? ""));
  if (magnet === undefined) return apiError("MAGNET_INVALID_ID");
  account.deleteByApi(magnet);
  return apiSuccess({ message: "Magnet was successfully deleted" }, isDemo);
}

function magnetId(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function withId(view: Record<string, unknown>, shapes: Shapes): Record<string, unknown> {
  return shapes.ids === "string" ? { ...view, id: String(view.id) } : view;
}

/** PHP writes an empty list as `[]` in either shape. */
function shaped(views: readonly unknown[], shape: Shapes["list"]): unknown {
  if (shape === "bare if one" && views.length === 1) return views[0];
  return shape !== "keyed" || views.length === 0 ? views : Object.fromEntries(Object.entries(views));
}
