/**
 * Node's own crypto, which takes a tenth of the time of a start to load: what only reads does without, and a sweep
 * loads it while AllDebrid answers.
 */
export function loadCrypto(): Promise<typeof import("node:crypto")> {
  return import("node:crypto");
}
