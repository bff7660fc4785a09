import { chmodSync, chownSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { distrust } from "../../src/config/config-file.ts";
import { NOBODY } from "../support/other-user.ts";
import { configFolder } from "./config-folder.ts";

/** A user without an entry in /etc/passwd, and a group of the same number. */
const ME = 54321;

type Owned = readonly [uid: number, gid: number, mode: number];

test.each<[string, number, Owned, Owned, string | undefined]>([
  ["all mine", ME, [ME, ME, 0o700], [ME, ME, 0o600], undefined],
  ["root's", ME, [0, 0, 0o755], [0, 0, 0o644], undefined],
  ["writable by my own group", ME, [ME, ME, 0o775], [ME, ME, 0o664], undefined],
  ["a stranger's folder", ME, [NOBODY, ME, 0o755], [ME, ME, 0o600], "belongs to another user (uid 65534)"],
  ["a stranger's file", ME, [ME, ME, 0o755], [NOBODY, ME, 0o644], "belongs to another user (uid 65534)"],
  ["writable by another group", ME, [ME, 100, 0o775], [ME, ME, 0o600], "can be written by a group (gid 100)"],
  [
    "a file that another group can write",
    ME,
    [ME, ME, 0o755],
    [ME, 100, 0o660],
    "can be written by a group (gid 100)",
  ],
  ["root, and root's", 0, [0, 0, 0o755], [0, 0, 0o644], undefined],
  ["root, in a stranger's folder", 0, [ME, ME, 0o755], [0, 0, 0o600], "belongs to another user (uid 54321)"],
  ["root, and a group", 0, [0, 0, 0o775], [0, 0, 0o600], "can be written by a group (gid 0)"],
])("%s", async (_, caller, folderOf, fileOf, expected) => {
  const { write } = await configFolder();
  const file = await write("cwd/config.json", {});
  for (const [target, [uid, gid, mode]] of [
    [dirname(file), folderOf],
    [file, fileOf],
  ] as const) {
    chownSync(target, uid, gid);
    chmodSync(target, mode);
  }
  const reason = distrust(file, caller);
  if (expected === undefined) expect(reason).toBeUndefined();
  else expect(reason).toContain(expected);
});
