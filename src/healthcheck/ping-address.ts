/** What a ping reports. */
export type PingKind = "start" | "success" | "failure";

/**
 * The address to get for a ping; none where the monitor knows no such thing. Healthchecks.io takes `/start` and
 * `/fail` after the address of the check (its documentation, "Pinging API"). An address with `/api/push/` is Uptime
 * Kuma's, which takes `status` and `msg` and knows no start (its monitor type "Push"). What else is asked in the
 * address stays.
 *
 * @param address Valid.
 * @param message A few words for Uptime Kuma's own notification.
 */
export function pingAddress(address: string, kind: PingKind, message: string): string | undefined {
  const url = new URL(address);
  if (url.pathname.includes("/api/push/")) {
    if (kind === "start") return undefined;
    url.searchParams.set("status", kind === "success" ? "up" : "down");
    url.searchParams.set("msg", message);
    return url.href;
  }
  const suffix = { start: "/start", success: "", failure: "/fail" }[kind];
  if (suffix !== "") url.pathname = url.pathname.replace(/\/+$/, "") + suffix;
  return url.href;
}
