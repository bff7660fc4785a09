import type { AllDebridSandbox } from "../../examples/sandbox/alldebrid.ts";

/** What the fake answers, loosely typed: these tests say what is in it. */
// biome-ignore lint/suspicious/noExplicitAny: each test reads another part of the answer
export type Loose = any;

/** Posts a form as a client does and returns the parsed answer. */
export async function ask(
  sandbox: AllDebridSandbox,
  path: string,
  form: Record<string, string> | [string, string][] = {},
  key = "k-main",
): Promise<Loose> {
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(sandbox.url + path, {
    method: "POST",
    headers,
    body: new URLSearchParams(form),
  });
  return response.json();
}

/** Asks `/v4/user`. */
export async function askUser(sandbox: AllDebridSandbox, key = "k-main"): Promise<Loose> {
  const response = await fetch(`${sandbox.url}/v4/user`, { headers: { authorization: `Bearer ${key}` } });
  return response.json();
}

export const STATUS = "/v4.1/magnet/status";
export const RESTART = "/v4/magnet/restart";
export const DELETE = "/v4/magnet/delete";
export const UPLOAD = "/v4/magnet/upload";
