import { expect, test } from "vitest";
import { restoreTarget } from "../../src/core/restore.ts";

const main = { name: "main", id: "aa", fingerprint: "k1" };
const spare = { name: "spare", id: "bb", fingerprint: "k2" };
/** A second key of the same account. */
const again = { name: "again", id: "aa", fingerprint: "k3" };
const first = { name: "account 1", id: "cc", fingerprint: "k4" };

const HEALTHS = new Map([
  ["aa", { name: "main", keys: ["k1"] }],
  ["bb", { name: "spare", keys: ["k0", "k2"] }],
]);

test.each([
  ["the account itself", { account: "main", fingerprint: "bb" }, [main, spare], spare, false],
  ["its key, which old records name", { account: "main", fingerprint: "k2" }, [main, spare], spare, false],
  [
    "its key, which state does not know yet",
    { account: "x", fingerprint: "k4" },
    [main, first],
    first,
    false,
  ],
  ["a former key of it", { account: "main", fingerprint: "k0" }, [main, spare], spare, false],
  ["two keys of the only account", { account: "former", fingerprint: "??" }, [main, again], main, true],
  ["a new key under the same name", { account: "spare", fingerprint: "??" }, [main, spare], spare, true],
  ["the only account", { account: "former", fingerprint: "??" }, [main], main, true],
  ["none of several by guess", { account: "former", fingerprint: "??" }, [main, spare], undefined, false],
  [
    "a name by position is nobody's",
    { account: "account 1", fingerprint: "??" },
    [first, spare],
    undefined,
    false,
  ],
  ["no account at all", { account: "main", fingerprint: "aa" }, [], undefined, false],
])("%s", (_, deletion, accounts, expected, noted) => {
  const target = restoreTarget(deletion, accounts, HEALTHS);
  expect(target.account).toBe(expected);
  expect("note" in target).toBe(noted);
});
