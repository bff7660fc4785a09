import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, test } from "../support/machine.ts";

describe.concurrent("magnets test-webhook", () => {
  test("posts a sample and says that Discord accepted it", async ({ machine }) => {
    const { code, stdout, stderr } = await machine.run(["test-webhook"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Discord accepted the sample notification \(200\)/);
    expect(machine.discord.messages).toHaveLength(1);
    expect(machine.discord.requests[0]?.query.get("wait")).toBe("true");
    expect(machine.alldebrid.requests).toEqual([]);
  });

  test("without a webhook exits 2 and says where one goes", async ({ machine }) => {
    await machine.configure({ discord_webhook_url: "" });
    const { code, stdout, stderr } = await machine.run(["test-webhook"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/ERROR no webhook is configured: .*discord_webhook_url.*\n$/);
  });

  test.for([
    ["unknown-webhook", "404"],
    ["unauthorized", "401"],
  ] as const)(
    "a dead one (%s) exits 1 and names the answer, asking once",
    async ([mode, status], { machine }) => {
      machine.discord.mode = mode;
      const { code, stdout, stderr } = await machine.run(["test-webhook"]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(
        new RegExp(`ERROR the sample notification was not delivered: .*${status}.*\\n$`),
      );
      expect(machine.discord.requests).toHaveLength(1);
    },
  );

  test("refused by Discord exits 1 with its reason", async ({ machine }) => {
    machine.discord.refuses = () => true;
    const { code, stderr } = await machine.run(["test-webhook"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/ERROR the sample notification was not delivered: POST \S+: 400 \(50035\) .*\n$/);
  });

  test("that cannot be reached exits 1", async ({ machine }) => {
    await machine.discord.close();
    const { code, stderr } = await machine.run(["test-webhook"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/ERROR the sample notification was not delivered: .*ECONNREFUSED.*\n$/);
  });

  test("that works again lets waiting notifications go at the next sweep", async ({ machine }) => {
    await machine.configure({ max_retries: 1 });
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    machine.discord.mode = "unknown-webhook";
    expect((await machine.run(["run-once"])).code).toBe(3);
    machine.discord.mode = "ok";
    expect((await machine.run(["test-webhook"])).code).toBe(0);
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(machine.discord.embeds.map(({ title = "" }) => title.startsWith("Deleted:"))).toEqual([
      false,
      true,
    ]);
  });
});
