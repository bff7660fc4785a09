import { expect, it } from "vitest";
import { startClient } from "./start-client.ts";

const hashes = Array.from({ length: 201 }, (_, n) => n.toString(16).padStart(40, "0"));

it.each([
  ["AUTH_BLOCKED", 1],
  ["MAGNET_TOO_MANY", 1],
  // May be about one of them: each by itself.
  ["GENERIC", 3 + 200],
])("magnets in several requests that are refused with %s take %i", async (code, requests) => {
  const { client, sandbox, sent } = await startClient();
  sandbox.fault("upload", { kind: "api-error", code });
  const outcomes = await client.upload(hashes);
  expect(sent()).toHaveLength(requests);
  expect([...outcomes.keys()].sort()).toEqual(hashes);
  for (const outcome of outcomes.values()) expect(outcome).toMatchObject({ kind: "failed" });
});
