import { isPlaceholder } from "./placeholder.ts";
import { decodePart, isLoopback, parseWebAddress } from "./web-address.ts";

/** A healthcheck's address that can be used, or what is wrong with it, without repeating it. */
export type HealthcheckCheck =
  | { readonly url: string; readonly warning?: string }
  | { readonly problem: string };

/**
 * Checks the address that is pinged. Plain http is allowed everywhere, since Uptime Kuma on a home network has no
 * TLS, but draws a warning off this machine: whoever has the address can report in the program's place.
 */
export function checkHealthcheck(text: string): HealthcheckCheck {
  const url = parseWebAddress(text);
  if (url === undefined) return { problem: looksLikeExample(text) ? PLACEHOLDER : EXPECTED };
  const parts = url.pathname.split("/").filter(Boolean).map(decodePart);
  if (parts.some(looksLikeExample) || /(^|\.)example\.(com|org|net)$/.test(url.hostname)) {
    return { problem: PLACEHOLDER };
  }
  if (/\/api\/push\/?$/.test(url.pathname)) {
    return { problem: "is cut short: the token after /api/push/ is missing" };
  }
  if (parts.length === 0 && url.hostname === "hc-ping.com") {
    return { problem: "is cut short: the check's own part after / is missing" };
  }
  url.hash = "";
  if (url.protocol === "https:" || isLoopback(url)) return { url: url.href };
  const warning =
    "is plain http: whoever listens on the way can report in this program's place; https is safer";
  return { url: url.href, warning };
}

const EXPECTED = "expected an https:// or http:// address without user name and password";
const PLACEHOLDER = 'is a placeholder: copy the address from your monitor, or write ""';

function looksLikeExample(part: string): boolean {
  return isPlaceholder(part) || /^(uuid|token|push_?token|ping_?key|slug)$/i.test(part);
}
