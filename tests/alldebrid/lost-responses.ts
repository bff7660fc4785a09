import { type Behaviour, cloudflarePage, emptyBody } from "../../examples/sandbox/behaviour.ts";

/** Responses that leave it open whether the request was carried out. */
export const LOST_RESPONSES: [string, Behaviour][] = [
  ["a connection that closes", { kind: "lost-answer" }],
  ["a page of a proxy", cloudflarePage(502)],
  ["an empty body", emptyBody()],
  ["a response cut in half", { kind: "truncated" }],
  ["a response cut in half, in chunks", { kind: "truncated", chunked: true }],
  ["no JSON with 200", cloudflarePage(200)],
  ["null", { kind: "json", value: null }],
  ["MAINTENANCE", { kind: "api-error", code: "MAINTENANCE" }],
];
