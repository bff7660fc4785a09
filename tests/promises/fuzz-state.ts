import fc from "fast-check";
import { counter, deletion, sweep } from "../state/sample.ts";

/** A state folder in which something is under way in every file. */
export const STATE: Readonly<Record<string, string>> = {
  "retry_counts.json": JSON.stringify({
    "1": counter(),
    "2": { fails: 2, last_status: "error" },
    "3": counter({ fails: 0 }),
  }),
  "intents.json": JSON.stringify({ version: 1, intents: [deletion("2"), deletion("9")] }),
  "outbox.json": JSON.stringify({
    version: 1,
    pending: [
      { kind: "deletion", ...deletion("7") },
      { kind: "cap", key: "k", at: "2026-01-31T10:00:00.000Z", account: "main", due: 3, max_deletes: 1 },
    ],
    dead_webhook: { fingerprint: "f", status: 404, called_at: "2026-01-31T10:00:00.000Z" },
  }),
  "accounts.json": JSON.stringify({
    version: 1,
    accounts: { "0123456789abcdef": { name: "main", cap_told: true } },
  }),
  "sweeps.json": JSON.stringify({ version: 1, sweeps: [sweep(), sweep()] }),
  "deletions.jsonl": `${JSON.stringify(deletion("7"))}\n${JSON.stringify(deletion("9"))}\n`,
};

const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    null,
    -1,
    0,
    1,
    1.5,
    1e308,
    -1e308,
    Number.MAX_SAFE_INTEGER + 1,
    "",
    "0",
    "__proto__",
    "\ud800",
    "x".repeat(10_000),
    [],
    {},
    [[]],
    "2026-99-99T99:99:99Z",
    "+275760-09-13T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z",
    true,
  ),
);

/** Somewhere in a JSON text, another value; the text stays JSON. */
function replaceValue(text: string, where: number, value: unknown): string {
  const places: (() => void)[] = [];
  const root: unknown = JSON.parse(text);
  const visit = (node: unknown) => {
    if (typeof node !== "object" || node === null) return;
    for (const key of Object.keys(node)) {
      places.push(() => {
        Object.defineProperty(node, key, { value, enumerable: true, configurable: true, writable: true });
      });
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(root);
  places[where % places.length]?.();
  return JSON.stringify(root);
}

/** A text, harmed: cut, bytes changed, doubled, emptied, or with another value in it. */
export function harmed(text: string): fc.Arbitrary<string> {
  const at = fc.nat({ max: Math.max(0, text.length - 1) });
  const json = fc.tuple(fc.nat(), strange).map(([where, value]) =>
    text.includes("}\n{")
      ? text
          .split("\n")
          .map((line) => line && replaceValue(line, where, value))
          .join("\n")
      : replaceValue(text, where, value),
  );
  return fc.oneof(
    { weight: 3, arbitrary: json },
    fc
      .tuple(fc.nat(), strange, fc.nat(), strange)
      .map(([a, one, b, two]) =>
        text.includes("}\n{") ? text : replaceValue(replaceValue(text, a, one), b, two),
      ),
    at.map((end) => text.slice(0, end)),
    fc
      .tuple(at, fc.string({ unit: "binary", maxLength: 5 }))
      .map(([from, put]) => text.slice(0, from) + put + text.slice(from + put.length)),
    fc.tuple(at, at).map(([a, b]) => text.slice(0, a) + text.slice(b)),
    fc.constantFrom(
      "",
      "null",
      "[]",
      "{}",
      "0",
      "\ufeff{}",
      '{"version":1}',
      '{"version":2}',
      "\u0000".repeat(4096),
    ),
    fc.string({ unit: "binary" }),
    fc
      .tuple(fc.nat({ max: 4 }), fc.constantFrom(40, 5_000, 200_000))
      .map(([which, depth]) => nest(text, which, depth)),
  );
}

/** One of the first objects gets a field of lists within lists, deep enough to overflow a careless stack. */
function nest(text: string, which: number, depth: number): string {
  const parts = text.split("{");
  const at = Math.min(which + 1, parts.length - 1);
  const deep = `"deep":${"[".repeat(depth)}${"]".repeat(depth)}`;
  const next = parts[at]?.trimStart().startsWith("}") ? "" : ",";
  return [...parts.slice(0, at), `${deep}${next}${parts[at]}`, ...parts.slice(at + 1)].join("{");
}
