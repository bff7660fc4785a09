import { describe, expect, it } from "vitest";
import { formProblems, isEmptyMessage, nestedErrors } from "../../examples/sandbox/discord-limits.ts";

const x = (count: number) => "x".repeat(count);
const embed = (fields: Record<string, unknown>) => ({ embeds: [fields] });
const field = (name: unknown, value: unknown) => embed({ fields: [{ name, value }] });

describe("limits", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["content", { content: x(2001) }, "content"],
    ["embeds", { embeds: Array.from({ length: 11 }, () => ({ title: "t" })) }, "embeds"],
    ["title", embed({ title: x(257) }), "embeds.0.title"],
    ["description", embed({ description: x(4097) }), "embeds.0.description"],
    ["fields", embed({ fields: Array(26).fill({ name: "n", value: "v" }) }), "embeds.0.fields"],
    ["field name", field(x(257), "v"), "embeds.0.fields.0.name"],
    ["empty field name", field("", "v"), "embeds.0.fields.0.name"],
    ["field value", field("n", x(1025)), "embeds.0.fields.0.value"],
    ["blank field value", field("n", " \n"), "embeds.0.fields.0.value"],
    ["field value that is no text", field("n", 5), "embeds.0.fields.0.value"],
    ["footer", embed({ footer: { text: x(2049) } }), "embeds.0.footer.text"],
    ["author", embed({ author: { name: x(257) } }), "embeds.0.author.name"],
    ["total", { embeds: Array(10).fill({ description: x(601) }) }, "embeds"],
    ["total in UTF-16 units", { embeds: Array(10).fill({ description: "😀".repeat(301) }) }, "embeds"],
    ["username", { username: x(81), content: "c" }, "username"],
    ["empty username", { username: "", content: "c" }, "username"],
    ["reserved username", { username: "My DisCord bot", content: "c" }, "username"],
    ["colour", embed({ color: "#ff0000" }), "embeds.0.color"],
    ["timestamp", embed({ timestamp: "yesterday" }), "embeds.0.timestamp"],
  ])("%s", (_, message, path) => {
    expect(formProblems(message).map((problem) => problem.path.join("."))).toEqual([path]);
  });

  it("takes a message that is just within all of them", () => {
    const full = {
      title: x(256),
      description: x(3000),
      fields: Array.from({ length: 2 }, () => ({ name: x(256), value: x(1000) })),
      footer: { text: x(100) },
      author: { name: x(132) },
      color: 0xff0000,
      timestamp: new Date(0).toISOString(),
    };
    const message = {
      content: x(2000),
      username: "Magnets",
      embeds: [full, ...Array(9).fill({ url: "https://a.invalid" })],
    };
    expect(formProblems(message)).toEqual([]);
  });
});

it("nests errors by where they are", () => {
  const errors = nestedErrors(formProblems(embed({ title: x(257) })));
  expect(errors).toEqual({
    embeds: { 0: { title: { _errors: [expect.objectContaining({ code: "BASE_TYPE_MAX_LENGTH" })] } } },
  });
});

it.each([
  [{}, true],
  [{ content: " " }, true],
  [{ embeds: [] }, true],
  [{ content: "c" }, false],
  [embed({ title: "t" }), false],
])("emptiness of %j is %s", (message, expected) => {
  expect(isEmptyMessage(message)).toBe(expected);
});
