import * as v from "valibot";
import type { AccountHealth } from "../core/account-health.ts";
import { Moment } from "./field-schemas.ts";
import { isObject, parseEntries, type StateFormat, versionProblem } from "./state-format.ts";

const AccountSchema: v.GenericSchema<unknown, AccountHealth> = v.looseObject({
  name: v.string(),
  cap_told: v.exactOptional(v.boolean()),
  trouble: v.exactOptional(
    v.looseObject({ code: v.string(), since: Moment, told: v.exactOptional(v.boolean()) }),
  ),
  premium_ending: v.exactOptional(v.looseObject({ until: Moment, told: v.exactOptional(v.boolean()) })),
  asked_at: v.exactOptional(Moment),
  premium_until: v.exactOptional(Moment),
});

/** `accounts.json`: what is remembered of each account, by the fingerprint of its key. */
export const accountsFormat: StateFormat<Map<string, AccountHealth>> = {
  file: "accounts.json",
  entry: "account",
  always: false,
  empty: () => new Map(),
  parse: (content) => {
    const problem = versionProblem(content.version);
    if (problem) return problem;
    if (!isObject(content.accounts)) return { unreadable: "corrupt", reason: "it holds no accounts" };
    const parsed = parseEntries(AccountSchema, Object.entries(content.accounts));
    return { ...parsed, value: new Map(parsed.value) };
  },
  format: (accounts) => [
    `${JSON.stringify({ version: 1, accounts: Object.fromEntries(accounts) }, null, 2)}\n`,
  ],
};
