import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "../../src/terminal/redact.ts";

const KEY = 'k3y/With+odd "chars" & é=%';
const WEBHOOK =
  "https://discord.com/api/webhooks/123456789012345678/tOkEn_with-68-characters-abcdefghijklmnop?thread_id=77";
const TOKEN = "tOkEn_with-68-characters-abcdefghijklmnop";

describe("createRedactor", () => {
  const { redact } = createRedactor([KEY, WEBHOOK]);

  it.each([
    ["raw", KEY],
    ["URL-encoded", encodeURIComponent(KEY)],
    ["URL-encoded in small letters", encodeURIComponent(KEY).replace(/%../g, (code) => code.toLowerCase())],
    ["form-encoded", new URLSearchParams({ key: KEY }).toString().slice(4)],
    ["JSON-escaped", JSON.stringify(KEY).slice(1, -1)],
    ["JSON-escaped by PHP", JSON.stringify(KEY).slice(1, -1).replaceAll("/", "\\/")],
    ["an address", WEBHOOK],
    ["an address as JSON of PHP", WEBHOOK.replaceAll("/", "\\/")],
    ["an address, URL-encoded", encodeURIComponent(WEBHOOK)],
    ["an address without its query", WEBHOOK.split("?")[0] ?? ""],
    ["an address' path", new URL(WEBHOOK).pathname],
    ["an address' token", TOKEN],
  ])("takes out a secret: %s", (_, form) => {
    const clean = redact(`before ${form} after`);
    expect(clean).toMatch(/^before .*\[secret\].* after$/);
    expect(clean).not.toContain(form);
    expect(clean).not.toContain(TOKEN);
  });

  it("takes out base64 at every alignment", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.constantFrom(KEY, TOKEN), (before, after, secret) => {
        for (const encoding of ["base64", "base64url"] as const) {
          const clean = redact(Buffer.from(before + secret + after).toString(encoding));
          expect(clean).toContain("[secret]");
          expect(Buffer.from(clean, encoding).toString()).not.toContain(secret.slice(3, -3));
        }
      }),
    );
  });

  it("leaves everything else alone, a host and a short word included", () => {
    const text = "POST discord.com: 404 for /api/webhooks of 123456789012345678 a main account";
    expect(createRedactor([WEBHOOK, "a", ""]).redact(text)).toBe(text);
    expect(createRedactor().redact(text)).toBe(text);
  });

  it("knows the secret parts of a healthcheck address, but no common words", () => {
    const { redact: clean } = createRedactor([
      "https://up.home/api/push/Ab3dEf6hIj?status=up",
      "https://hc.io/healthchecks/0b1c2d3e-aaaa",
    ]);
    expect(clean("Ab3dEf6hIj 0b1c2d3e-aaaa healthchecks push")).toBe("[secret] [secret] healthchecks push");
  });

  it("takes secrets that become known later", () => {
    const redactor = createRedactor();
    redactor.add("late-secret");
    expect(redactor.redact("a late-secret!")).toBe("a [secret]!");
  });
});
