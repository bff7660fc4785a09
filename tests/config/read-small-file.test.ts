import { expect, test } from "vitest";
import { explainReadError, readSmallFile } from "../../src/config/files.ts";
import { thrown } from "./config-folder.ts";

test.each([
  ["ENOENT", "there is no such file"],
  ["ENOTDIR", "there is no such file (part of the path is not a folder)"],
  ["EISDIR", "it is a folder"],
  ["EFBIG", "it is too large"],
  ["EACCES", "permission denied (EACCES)"],
  ["EPERM", "permission denied (EPERM)"],
  ["ELOOP", "its symbolic links form a loop (ELOOP)"],
  ["EIO", "the system reported EIO"],
])("%s: %s", (code, words) => {
  expect(explainReadError(Object.assign(new Error("x"), { code }))).toBe(words);
});

test("an error that is not the system's stays a bug", () => {
  expect(() => explainReadError(new TypeError("bug"))).toThrow(TypeError);
});

test("a device without end is not read for ever", async () => {
  expect(explainReadError(await thrown(() => readSmallFile("/dev/zero", 100_000)))).toBe("it is too large");
});
