import { expect, test } from "vitest";
import { restoreTarget } from "../../src/core/restore.ts";

const main = { name: "main", fingerprint: "aa" };
const spare = { name: "spare", fingerprint: "bb" };
const first = { name: "account 1", fingerprint: "cc" };

test.each([
  ["the key itself", { account: "main", fingerprint: "bb" }, [main, spare], spare, false],
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
  const target = restoreTarget(deletion, accounts);
  expect("account" in target ? target.account : undefined).toBe(expected);
  expect("note" in target).toBe(noted);
});
