import type { Problem } from "./problem.ts";
import { isLoopback, parseWebAddress } from "./web-address.ts";

/** AllDebrid's own address. */
const API_URL = "https://api.alldebrid.com";

/** Where AllDebrid's API is: `$MAGNETS_API_URL` (https, or http on this machine) or AllDebrid itself. */
export function chooseApiUrl(env: NodeJS.ProcessEnv): { apiUrl: string; problems: Problem[] } {
  const given = env.MAGNETS_API_URL?.trim();
  if (!given) return { apiUrl: API_URL, problems: [] };
  const url = parseWebAddress(given);
  const safe = url !== undefined && (url.protocol === "https:" || isLoopback(url));
  if (safe && url.search === "" && url.hash === "") {
    return { apiUrl: `${url.origin}${url.pathname}`.replace(/\/+$/, ""), problems: [] };
  }
  const text =
    "expected an https:// address without user name, password, ? or # (http:// only on localhost, 127.0.0.0/8 and [::1])";
  return { apiUrl: API_URL, problems: [{ inFile: false, path: ["MAGNETS_API_URL"], text }] };
}
