import { expect, it } from "vitest";
import { symbolsFor } from "../../src/terminal/screen.ts";

it.each([
  [{}, "✓"],
  [{ TERM: "xterm-256color" }, "✓"],
  [{ TERM: "linux" }, "ok"],
  [{ TERM: "linux", LANG: "fr_FR.UTF-8" }, "ok"],
  [{ LANG: "fr_FR.UTF-8" }, "✓"],
  [{ LANG: "C.utf8" }, "✓"],
  [{ LANG: "C" }, "ok"],
  [{ LANG: "POSIX" }, "ok"],
  [{ LANG: "fr_FR@euro" }, "ok"],
  [{ LANG: "en_US.ISO-8859-1" }, "ok"],
  [{ LANG: "en_US.UTF-8", LC_CTYPE: "C" }, "ok"],
  [{ LANG: "C", LC_CTYPE: "en_US.UTF-8" }, "✓"],
  [{ LANG: "en_US.UTF-8", LC_CTYPE: "en_US.UTF-8", LC_ALL: "C" }, "ok"],
  [{ LANG: "C", LC_ALL: "C.UTF-8" }, "✓"],
  [{ LANG: "C.UTF-8", LC_CTYPE: "", LC_ALL: "" }, "✓"],
])("with %j all is %s", (env, mark) => {
  const symbols = symbolsFor(env);
  expect(symbols.ok).toBe(mark);
  const { spell, ...shown } = symbols;
  const all = Object.values(shown).join("") + spell("a → b …");
  expect(/^[ -~]*$/.test(all)).toBe(mark === "ok");
});
