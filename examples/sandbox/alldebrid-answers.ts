import type { Answer } from "./behaviour.ts";

/** What AllDebrid says with each code that the sandbox gives of itself. */
const messages: Record<string, string> = {
  "404": "Endpoint doesn't exist",
  DISCONTINUED: "This API endpoint has been discontinued",
  AUTH_MISSING_APIKEY: "The auth apikey was not sent",
  AUTH_BAD_APIKEY: "The auth apikey is invalid",
  AUTH_USER_BANNED: "This account is banned",
  NO_SERVER:
    "Servers are not allowed to use this feature. Visit https://alldebrid.com/vpn if you're using a VPN.",
  MAGNET_NO_SERVER:
    "Servers are not allowed to use this feature. Visit https://alldebrid.com/vpn if you're using a VPN.",
  MUST_BE_PREMIUM: "You must be premium to process this link",
  MAGNET_MUST_BE_PREMIUM: "You must be premium to use this feature",
  MAINTENANCE: "Alldebrid is under maintenance. Please come back later",
  MAGNET_INVALID_ID: "This magnet ID does not exists or is invalid",
  MAGNET_INVALID_URI: "Magnet is not valid",
  MAGNET_PROCESSING: "Magnet is processing or completed",
  MAGNET_TOO_MANY_ACTIVE: "Already have maximum allowed active magnets (30)",
  MAGNET_TOO_MANY: "You have too many magnets",
  MAGNET_NO_URI: "No magnet provided",
  MAGNET_INVALID_STATUS: "This magnet status filter is invalid",
};

/** The error object for a code. AUTH_BLOCKED carries a token and HTML, as the live service's does. */
export function errorBody(code: string, message = messages[code] ?? code): Record<string, string> {
  if (code !== "AUTH_BLOCKED") return { code, message };
  const token = "b10c7ed70c3n5ecre7";
  const html = `This apikey is geo-blocked or ip-blocked.<br><a href="https://alldebrid.com/authorize/?token=${token}">Confirm</a>`;
  return { code, message: html, token };
}

/** A whole request refused, inside HTTP 200 unless `status` says otherwise. */
export function apiError(code: string, status = 200): Answer {
  return { status, body: JSON.stringify({ status: "error", error: errorBody(code) }) };
}

/** A whole request granted. */
export function apiSuccess(data: Record<string, unknown>, isDemo: boolean): Answer {
  return {
    status: 200,
    body: JSON.stringify({ status: "success", data, ...(isDemo ? { demo: true } : {}) }),
  };
}
