import { describe, expect, it, test } from "vitest";
import { formProblems } from "../../examples/sandbox/discord-limits.ts";
import { PREMIUM_ENDING } from "../../src/core/evidence.ts";
import type { AlertNotice, Notice } from "../../src/core/records.ts";
import { LANGUAGES } from "../../src/core/settings.ts";
import { humanSize } from "../../src/core/text.ts";
import { plainMessage, sampleMessage } from "../../src/discord/message.ts";
import { type Texts, textsFor } from "../../src/discord/texts.ts";
import { alertNotice, buildMessages, capNotice, deletionNotice } from "./sample-notices.ts";

const CODES = [
  "AUTH_BAD_APIKEY",
  "AUTH_BLOCKED",
  "AUTH_USER_BANNED",
  "NO_SERVER",
  "MUST_BE_PREMIUM",
  "SOMETHING_NEW",
  PREMIUM_ENDING,
];
const LONG = "*".repeat(500);

/** Every kind of notice, and each with texts as long as they come. */
const notices: Notice[] = [
  deletionNotice(),
  deletionNotice({ filename: LONG, account: LONG, status_text: LONG, id: "9".repeat(20) }),
  deletionNotice({ filename: LONG, account: LONG, status_text: LONG, response_lost: true }),
  capNotice(),
  capNotice({ account: "`".repeat(64) }),
  capNotice({ account: LONG, due: Number.MAX_SAFE_INTEGER, max_deletes: Number.MAX_SAFE_INTEGER }),
  ...CODES.flatMap((code) =>
    [true, false].flatMap((resolved) => [
      alertNotice({ code, resolved }),
      alertNotice({ code, resolved, account: LONG, until: "2026-01-07T00:00:00.000Z" }),
      alertNotice({ code: `${code}${LONG}`, resolved }),
    ]),
  ),
];

/** Every text of a language, flattened; functions are given the same words in each. */
function allTexts(texts: object, path = ""): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(texts).map(([name, value]) => {
      const at = `${path}${name}`;
      if (typeof value === "string") return { [at]: value };
      if (typeof value === "function") {
        const said = value("A", "B", "C", "D");
        return typeof said === "string" ? { [at]: said } : allTexts(said, `${at}.`);
      }
      return allTexts(value as object, `${at}.`);
    }),
  );
}

describe.each(LANGUAGES)("%s", (language) => {
  const texts: Texts = textsFor(language);

  it("has every text, none of them empty, in its own words", () => {
    const own = allTexts(texts);
    const english = allTexts(textsFor("en"));
    expect(Object.keys(own)).toEqual(Object.keys(english));
    for (const text of Object.values(own)) expect(text.trim()).not.toBe("");
    if (language === "en") return;
    const alike = Object.keys(own).filter((name) => own[name] === english[name]);
    expect(alike).toEqual(["unnamed", "id"]);
  });

  it("keeps Discord's limits, whatever the notice holds", () => {
    const messages = buildMessages(notices, texts);
    expect(messages.flatMap((message) => message.notices)).toEqual(notices);
    for (const { payload } of [...messages, { payload: sampleMessage(texts) }]) {
      expect(formProblems(JSON.parse(JSON.stringify(payload)))).toEqual([]);
    }
  });
});

const embed = (more: Partial<AlertNotice>, language: "en" | "fr" = "en") =>
  buildMessages([alertNotice(more)], textsFor(language))[0]?.payload.embeds[0];

test("an alert says what is wrong, what to do, and AllDebrid's own code", () => {
  expect(embed({ account: "a*b" })).toEqual({
    title: "Account a\\*b: AllDebrid refuses the API key",
    description: expect.stringContaining("https://alldebrid.com/apikeys"),
    color: 0xe74c3c,
    fields: [{ name: "AllDebrid's code", value: "AUTH\\_BAD\\_APIKEY", inline: true }],
    timestamp: "2026-01-02T03:04:05.000Z",
  });
  expect(embed({ resolved: true })).toMatchObject({ title: "Account main works again", color: 0x2ecc71 });
  expect(embed({ resolved: true })).not.toHaveProperty("fields");
});

test("the end of premium is a moment in the reader's own form", () => {
  const until = "2026-01-07T00:00:00.000Z";
  expect(embed({ code: PREMIUM_ENDING, until })?.description).toContain("It ends <t:1767744000:D>.");
  expect(embed({ code: PREMIUM_ENDING, until }, "fr")?.description).toContain("<t:1767744000:D>");
  expect(embed({ code: PREMIUM_ENDING, until, resolved: true }, "fr")?.title).toContain("renouvelé");
});

describe.each(LANGUAGES)("%s", (language) => {
  const draw = (notice: Notice) => buildMessages([notice], textsFor(language))[0]?.payload.embeds[0];

  test("a deletion whose response was lost says so, and no other does", () => {
    const { responseLost } = textsFor(language);
    expect(draw(deletionNotice({ response_lost: true }))?.description).toBe(responseLost);
    expect(draw(deletionNotice())).not.toHaveProperty("description");
    expect(plainMessage(deletionNotice({ response_lost: true }), textsFor(language)).content).toContain(
      responseLost,
    );
    expect(plainMessage(deletionNotice(), textsFor(language)).content).not.toContain(responseLost);
  });

  test.each([
    ["main", "main"],
    ["account 1", '"account 1"'],
    ["a`b", "ACCOUNT"],
    ["a\u202eb", "ACCOUNT"],
    ["$(x)", '"\\$(x)"'],
  ])("a cap notice names both ways on, for the account %s", (account, word) => {
    const { description } = draw(capNotice({ account })) ?? {};
    expect(description).toContain("`magnets run-once --max-deletes 0`");
    expect(description).toContain(`\`magnets reset ${word}\``);
  });
});

test("French sizes", () => {
  const { sizeWords } = textsFor("fr");
  expect(humanSize(1_400_000_000, sizeWords)).toBe("1,4 Go");
  expect(humanSize(700_000_000, sizeWords)).toBe("700 Mo");
  const [message] = buildMessages([deletionNotice()], textsFor("fr"));
  expect(message?.payload.embeds[0]).toMatchObject({
    title: "Supprimé\u00a0: Debian 12.5",
    fields: expect.arrayContaining([{ name: "Taille", value: "1,4 Go", inline: true }]),
  });
});
