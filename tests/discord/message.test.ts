import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formProblems } from "../../examples/sandbox/discord-limits.ts";
import type { Notice } from "../../src/core/records.ts";
import { sampleMessage } from "../../src/discord/message.ts";
import { textsFor } from "../../src/discord/texts.ts";
import { alertNotice, buildMessages, capNotice, deletionNotice, deletionNotices } from "./sample-notices.ts";

const build = (notices: readonly Notice[]) => buildMessages(notices, textsFor("en"));
const firstEmbed = (notice: Notice) => build([notice])[0]?.payload.embeds[0];
const fieldsOf = (notice: Notice) =>
  Object.fromEntries((firstEmbed(notice)?.fields ?? []).map(({ name, value }) => [name, value]));

describe("a deletion", () => {
  it("shows all that is known of the magnet", () => {
    expect(build([deletionNotice()])[0]?.payload).toEqual({
      username: "magnets",
      allowed_mentions: { parse: [] },
      embeds: [
        {
          title: "Deleted: Debian 12.5",
          color: 0xe74c3c,
          timestamp: "2026-01-02T03:04:05.000Z",
          fields: [
            { name: "Status", value: "No peer after 30 minutes", inline: true },
            { name: "Failures", value: "5/5", inline: true },
            { name: "Failing since", value: "<t:1767225600:R>", inline: true },
            { name: "Size", value: "1.4 GB", inline: true },
            { name: "Account", value: "main", inline: true },
            { name: "ID", value: "403207307", inline: true },
            {
              name: "Magnet link, to add it again",
              value: "`magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567`",
            },
          ],
        },
      ],
    });
  });

  it("leaves out what is not known", () => {
    const { filename, size, hash, status_text, failing_since, ...bare } = deletionNotice();
    expect(firstEmbed(bare)?.title).toBe("Deleted: magnet 403207307");
    expect(fieldsOf(bare)).toEqual({ Status: "error", Failures: "5/5", Account: "main", ID: "403207307" });
  });

  it.each([
    ["hex", { hash: "A".repeat(40) }, `\`magnet:?xt=urn:btih:${"a".repeat(40)}\``],
    [
      "base32",
      { hash: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" },
      "`magnet:?xt=urn:btih:00443214c74254b635cf84653a56d7c675be77df`",
    ],
    ["too short", { hash: "a".repeat(39) }, undefined],
    ["with a line break", { hash: `${"a".repeat(40)}\n` }, `\`magnet:?xt=urn:btih:${"a".repeat(40)}\``],
    ["of version 2", { hash: "a".repeat(64) }, `\`magnet:?xt=urn:btmh:1220${"a".repeat(64)}\``],
    ["with a backtick", { hash: `${"a".repeat(39)}\`` }, undefined],
    ["not base32", { hash: "1".repeat(32) }, undefined],
  ])("has a link only for a valid hash: %s", (_, more, expected) => {
    expect(fieldsOf(deletionNotice(more))["Magnet link, to add it again"]).toBe(expected);
  });

  it("shows an untrusted name as plain text", () => {
    const embed = firstEmbed(
      deletionNotice({ filename: "@everyone\n[x](https://evil.example)", status_text: "`<@1>`" }),
    );
    expect(embed?.title).toBe("Deleted: \\@everyone \\[x\\]\\(https\\://evil.example\\)");
    expect(embed?.fields?.[0]?.value).toBe("\\`\\<\\@1\\>\\`");
  });
});

describe("a hold by max_deletes_per_run", () => {
  it("says how many are due, how many are allowed, and how to delete them", () => {
    const embed = firstEmbed(capNotice({ account: "a*b" }));
    expect(embed?.title).toBe("150 deletions are due, but none was made");
    expect(embed?.description).toContain("Account a\\*b has 150 magnets to delete");
    expect(embed?.description).toContain("`max_deletes_per_run` allows 100");
    expect(embed?.description).toContain("`magnets run-once --max-deletes 0`");
  });
});

describe("buildMessage", () => {
  it("puts up to ten embeds into a message, in order", () => {
    const notices = [...deletionNotices(12), capNotice()];
    const messages = build(notices);
    expect(messages.map((message) => message.notices.length)).toEqual([10, 3]);
    expect(messages.flatMap((message) => message.notices)).toEqual(notices);
  });

  it("makes messages that Discord takes of any notices at all", () => {
    const text = fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 400 }) },
      fc.constantFrom(
        "",
        " ",
        "\n",
        "\\".repeat(300),
        "*".repeat(1000),
        "😀".repeat(300),
        "\ud800",
        "\u200b",
        "語".repeat(100_000),
      ),
    );
    const time = fc
      .date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true })
      .map((date) => date.toISOString());
    const number = fc.oneof(fc.nat(), fc.double());
    const notice: fc.Arbitrary<Notice> = fc.oneof(
      fc
        .record({
          id: fc.nat().map(String),
          filename: text,
          size: number,
          hash: text,
          magnet: text,
          account: text,
          deleted_at: time,
          status: text,
          status_text: text,
          failing_since: time,
          fails: fc.nat(),
          max_retries: fc.nat(),
        })
        .map((more) => deletionNotice(more)),
      fc
        .record({ account: text, at: time, due: fc.nat(), max_deletes: fc.nat() })
        .map((more) => capNotice(more)),
      fc
        .record({ account: text, at: time, code: text, resolved: fc.boolean(), until: time })
        .map((more) => alertNotice(more)),
    );
    fc.assert(
      fc.property(fc.array(notice, { maxLength: 25 }), (notices) => {
        const messages = build(notices);
        expect(messages.flatMap((message) => message.notices)).toEqual(notices);
        for (const { payload, notices: announced } of messages) {
          expect(payload.embeds).toHaveLength(announced.length);
          expect(payload.allowed_mentions).toEqual({ parse: [] });
          // The fake's judge of Discord's documented limits, written apart from the code under test.
          const json = JSON.parse(JSON.stringify(payload));
          expect(formProblems(json)).toEqual([]);
          expect(JSON.stringify(payload)).not.toMatch(/\\n|\\u00|\\ud8|\p{Cf}/u);
        }
      }),
    );
  });

  it("makes one that Discord takes of a deletion that very many servers were told of", () => {
    const arrs = Array.from({ length: 40 }, (_, i) => ({
      name: `${"s".repeat(78)}${i}`,
      outcome: "keeps" as const,
    }));
    const [message] = build([
      deletionNotice({ arrs, filename: "*".repeat(300), status_text: "#".repeat(300) }),
    ]);
    expect(formProblems(JSON.parse(JSON.stringify(message?.payload)))).toEqual([]);
  });

  it("has a sample that Discord takes", () => {
    expect(formProblems(JSON.parse(JSON.stringify(sampleMessage(textsFor("en")))))).toEqual([]);
  });
});
