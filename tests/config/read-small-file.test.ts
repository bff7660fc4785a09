import { expect, test } from "vitest";
import { explainReadError, readSmallFile } from "../../src/config/read-files.ts";
import { thrown } from "./config-folder.ts";

test.each([
  ["ENOENT", "there is no such file"],
  ["ENOTDIR", "there is no such file (a part of the path is no folder)"],
  ["EISDIR", "it is a folder"],
  ["EFBIG", "it is too large"],
  ["EACCES", "permission denied (EACCES)"],
  ["EPERM", "permission denied (EPERM)"],
  ["ELOOP", "its symbolic links lead in a circle (ELOOP)"],
  ["EIO", "the system says EIO"],
])("%s: %s", (code, words) => {
  expect(explainReadError(Object.assign(new Error("x"), { code }))).toBe(words);
});

test("what is no error of the system's stays a bug", () => {
  expect(() => explainReadError(new TypeError("bug"))).toThrow(TypeError);
});

test("a device without end is not read for ever", async () => {
  expect(explainReadError(await thrown(() => readSmallFile("/dev/zero", 100_000)))).toBe("it is too large");
});
